import { type Clock, systemClock } from "@storeward/runtime";

/** Since when this process hears gateways: silence from before is its own, and no gateway's. */
export class Hearing {
  readonly #connected: () => boolean;
  readonly #clock: Clock;
  #since: number | undefined;

  /** @param connected whether the broker is */
  constructor(connected: () => boolean, clock: Clock = systemClock) {
    this.#connected = connected;
    this.#clock = clock;
  }

  /** Milliseconds since 1970; undefined while it does not. To be asked every few seconds. */
  since(): number | undefined {
    this.#since = this.#connected() ? (this.#since ?? this.#clock.wall()) : undefined;
    return this.#since;
  }
}
