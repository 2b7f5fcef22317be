import type { Clock } from "@storeward/runtime";

/** How long others have the machine after a piece of work, in terms of how long it took. */
const REST = 5;
const MAX_REST_MS = 5_000;
const LOOK_MS = 25;

/**
 * Lets work that can wait give way: while the process is busy with what cannot, one piece is done at a time, and after each there is a rest, so that
 * all of it together has a sixth of the time. Otherwise nothing waits for anything.
 */
export class GiveWay {
  readonly #clock: Clock;
  readonly #isBusy: () => boolean;
  #last: Promise<void> = Promise.resolve();

  constructor({ clock, isBusy }: { readonly clock: Clock; readonly isBusy: () => boolean }) {
    this.#clock = clock;
    this.#isBusy = isBusy;
  }

  /** Does a piece of work when its turn has come. Its error is thrown. */
  async turn<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#isBusy()) return work();
    const done = this.#last.then(() => this.#done(work));
    this.#last = done.then(
      ({ took }) => this.#rest(took),
      () => undefined,
    );
    return (await done).result;
  }

  async #done<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly took: number }> {
    const begun = this.#clock.mono();
    const result = await work();
    return { result, took: this.#clock.mono() - begun };
  }

  async #rest(took: number): Promise<void> {
    const until = this.#clock.mono() + Math.min(MAX_REST_MS, REST * took);
    while (this.#isBusy() && this.#clock.mono() < until) await this.#clock.sleep(LOOK_MS);
  }
}
