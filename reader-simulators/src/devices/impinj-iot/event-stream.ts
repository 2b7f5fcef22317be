import type { ServerResponse } from "node:http";
import type { Clock, Timer } from "@storeward/runtime";

/** More than this unsent, and events are thrown away: a client reads too slowly. */
const MAX_UNSENT = 4 * 1024 * 1024;

/** One client of `GET /data/stream`: lines of JSON, and an empty line when nothing was sent for the keep-alive interval. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #onClosed: () => void;
  #keepAlive: Timer | undefined;
  /** Since the last keep-alive was due. */
  #sent = false;
  #purged = 0;
  silent = false;

  constructor(response: ServerResponse, clock: Clock, keepAliveSeconds: number, onClosed: () => void) {
    this.#response = response;
    this.#clock = clock;
    this.#onClosed = onClosed;
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
    response.flushHeaders();
    response.on("close", () => this.#closed());
    response.on("error", () => response.destroy());
    this.setKeepAlive(keepAliveSeconds);
  }

  /** 0: none. Sent at once when it is changed, as the interface says. */
  setKeepAlive(seconds: number): void {
    this.#keepAlive?.stop();
    this.#keepAlive = undefined;
    if (seconds <= 0) return;
    this.write("\r\n");
    this.#keepAlive = this.#clock.every(seconds * 1000, () => {
      if (!this.#sent) this.write("\r\n");
      this.#sent = false;
    });
  }

  event(line: string): void {
    this.#sent = true;
    if (this.#response.writableLength > MAX_UNSENT) {
      this.#purged++;
      return;
    }
    if (this.#purged > 0) {
      this.write(`${JSON.stringify({ eventType: "overflow", overflowEvent: { eventsPurged: this.#purged } })}\n`);
      this.#purged = 0;
    }
    this.write(`${line}\n`);
  }

  write(text: string): void {
    if (!this.silent && !this.#response.destroyed) this.#response.write(text);
  }

  end(): void {
    this.#response.destroy();
  }

  #closed(): void {
    this.#keepAlive?.stop();
    this.#onClosed();
  }
}
