import type { Clock, Part, Timer } from "@storeward/runtime";

const EVERY_MS = 10_000;
/** The first soon after the start: who looks at a new device need not wait. */
const FIRST_MS = 2_000;

/** Reports at its times: the one timer of telemetry. */
export class Reporter implements Part {
  readonly name = "telemetry";
  readonly #report: () => void;
  readonly #clock: Clock;
  #first: Timer | undefined;
  #timer: Timer | undefined;

  constructor(report: () => void, clock: Clock) {
    this.#report = report;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    this.#first = this.#clock.after(FIRST_MS, this.#report);
    this.#timer = this.#clock.every(EVERY_MS, this.#report);
  }

  async stop(): Promise<void> {
    this.#first?.stop();
    this.#timer?.stop();
  }
}
