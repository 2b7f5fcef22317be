import type { Call } from "./call-port.js";
import { E } from "./errors.js";

/** The calls of one reader: the newest counts, for a reader calls again only when its earlier call is dead. */
export class Calls {
  #waiting: Call | undefined;
  #open = false;
  #current: Call | undefined;
  #wake: () => void = () => undefined;

  begin(): void {
    this.#open = true;
  }

  take(call: Call): void {
    if (!this.#open) {
      call.connection.end(E.LLRP_CLOSED({ reason: "stopped" }));
      return;
    }
    for (const earlier of [this.#waiting, this.#current]) earlier?.connection.end(E.LLRP_REPLACED({}));
    this.#waiting = call;
    this.#wake();
  }

  /** The next call that is alive; rejects with the signal's reason. */
  async next(signal: AbortSignal): Promise<Call> {
    for (;;) {
      signal.throwIfAborted();
      const call = this.#waiting;
      this.#waiting = undefined;
      if (call !== undefined && !call.connection.over) {
        this.#current = call;
        return call;
      }
      await this.#called(signal);
    }
  }

  /** Nobody takes calls any more. */
  end(): void {
    this.#open = false;
    this.#waiting?.connection.end(E.LLRP_CLOSED({ reason: "stopped" }));
    this.#waiting = undefined;
    this.#current = undefined;
  }

  #called(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener("abort", done);
        this.#wake = () => undefined;
        resolve();
      };
      this.#wake = done;
      signal.addEventListener("abort", done, { once: true });
    });
  }
}
