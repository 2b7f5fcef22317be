import type { Reader, ReaderState } from "@storeward/contracts";
import { describeError } from "@storeward/runtime";
import { AntennaBook } from "./antenna-book.js";
import { Counters } from "./counters.js";
import type { DriverOptions, ReaderEvent, ReaderHealth, TagRead } from "./driver.js";

/** What a driver knows of its reader whatever it speaks: its state, its antennas, what went wrong, and whom it tells. */
export class DriverCore {
  readonly counters = new Counters();
  readonly book: AntennaBook;
  readonly #options: DriverOptions<Reader>;
  #state: ReaderState = "stopped";
  #since: number;
  #error: string | undefined;
  #model: { readonly model: string; readonly firmware: string } | undefined;

  constructor(options: DriverOptions<Reader>) {
    const { reader, roles, clock } = options;
    this.#options = options;
    this.#since = clock.mono();
    const used = reader.antennas.filter(({ antenna }) => roles.has(antenna));
    this.book = new AntennaBook(used, (event) => this.emit(event), clock.mono());
  }

  /** The antennas that are used, ascending. */
  get antennas(): number[] {
    return this.book.numbers.toSorted((a, b) => a - b);
  }

  emit(event: ReaderEvent): void {
    try {
      this.#options.onEvent(event);
    } catch (error) {
      this.counters.add("failures");
      this.#options.log.error({ err: error }, "what the reader told could not be taken");
    }
  }

  /** Tells reads that belong together. */
  tell(reads: readonly TagRead[], now: number): void {
    this.book.note(reads, now);
    this.emit({ type: "reads", reads });
  }

  /** `why` tells what is waited for, where somebody may have to do something about it. */
  connecting(why?: string): void {
    if (why !== undefined) this.#error = why;
    this.#become("connecting");
  }

  /** The reader reads. */
  up(model: { readonly model: string; readonly firmware: string }): void {
    this.#model = { model: model.model.slice(0, 120), firmware: model.firmware.slice(0, 120) };
    this.#error = undefined;
    this.#become("watching");
  }

  /** Nothing is known of the reader since `since`. */
  down(error: unknown, since: number): void {
    this.#error = describeError(error);
    this.counters.add(this.#state === "watching" ? "disconnects" : "failedConnects");
    this.book.set(this.book.numbers, "blind", since, this.#error.slice(0, 200));
    this.#become("blind");
  }

  stopped(): void {
    this.#become("stopped");
  }

  health(): ReaderHealth {
    return {
      state: this.#state,
      since: this.#since,
      ...this.#model,
      ...(this.#error === undefined ? {} : { error: this.#error.slice(0, 500) }),
      counters: this.counters.values(),
      antennas: this.book.health(this.#options.clock.mono()),
    };
  }

  #become(state: ReaderState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#since = this.#options.clock.mono();
  }
}
