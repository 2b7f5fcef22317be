import type { Frame } from "./store.js";

/** Where a listener's events go: an HTTP response. */
export interface Outlet {
  write(text: string): void;
  end(): void;
  /** Cuts the connection without waiting for what is unsent. */
  destroy(): void;
  /** Bytes not yet taken by the network. */
  readonly unsent: number;
  onClose(run: () => void): void;
  /** Resolves once `unsent` is low, or the connection is gone. */
  drained(): Promise<void>;
}

/** Of one listener: what it does not take is not kept for it. It comes back and resumes. */
export const MAX_UNSENT = 1024 * 1024;

export class Listener {
  readonly #outlet: Outlet;
  readonly endsAt: number;
  /** Everything up to here was written. */
  pos = 0;
  /** Whether it is sent what happens, as it happens; before that it is brought up to date. */
  inStep = false;
  ended = false;

  constructor(outlet: Outlet, endsAt: number) {
    this.#outlet = outlet;
    this.endsAt = endsAt;
    outlet.onClose(() => {
      this.ended = true;
    });
  }

  /** Writes an event unless it has been. A listener that is too slow is cut off. */
  offer({ pos, text }: Frame): void {
    if (pos <= this.pos) return;
    this.pos = pos;
    if (text !== "") this.send(text);
  }

  send(text: string): void {
    if (this.ended) return;
    if (this.#outlet.unsent > MAX_UNSENT) {
      this.ended = true;
      this.#outlet.destroy();
      return;
    }
    this.#outlet.write(text);
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#outlet.end();
  }

  drained(): Promise<void> {
    return this.ended ? Promise.resolve() : this.#outlet.drained();
  }
}
