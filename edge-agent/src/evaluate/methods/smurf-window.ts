/** A tag that is there is missed by a whole window with this probability. */
const DELTA = 0.05;
const GROWTH = 2;
const MAX_WINDOW = 256;

/**
 * The window of one tag at one place (Jeffery, Garofalakis, Franklin: An Adaptive RFID Middleware for Supporting Metaphysical Data
 * Independence, VLDB Journal 2008), with one chance to be read in each epoch. So p cannot be counted within an epoch, as the paper
 * does: it is estimated (by Laplace's rule) from the window's epochs up to the last read, and the count is compared with it for the silence
 * that follows.
 */
export class SmurfWindow {
  /** Whether each of the last epochs read the tag, oldest first. */
  #epochs: boolean[] = [];
  #size = 1;

  get size(): number {
    return this.#size;
  }

  /** An epoch is over; false when the tag is there no more. */
  epoch(read: boolean): boolean {
    this.#epochs.push(read);
    if (this.#epochs.length > MAX_WINDOW) this.#epochs.shift();
    const window = this.#epochs.slice(-this.#size);
    const hits = window.filter(Boolean).length;
    if (hits === 0) return false;
    const p = (hits + 1) / (window.lastIndexOf(true) + 3);
    const expected = window.length * p;
    if (hits < expected - 2 * Math.sqrt(expected * (1 - p))) this.#size = Math.max(1, Math.floor(this.#size / 2));
    else this.#size = Math.min(this.#size + GROWTH, completeWindow(p), MAX_WINDOW);
    return true;
  }
}

/** Epochs after which a tag read at this rate has been read once with probability 1 − δ. */
export function completeWindow(p: number): number {
  return Math.ceil(Math.log(1 / DELTA) / p);
}
