const STEP_MS = 10;
/** 41 s: more than anything is waited for. */
const STEPS = 4_096;
const WORD = 32;

/**
 * The times since when things are open, to ask for the oldest without looking at all of them. A time is good to 10 ms, towards the past;
 * what lies more than 40 s before the latest is forgotten.
 */
export class OpenTimes {
  readonly #counts = new Int32Array(STEPS);
  /** A bit for every step that counts something. */
  readonly #some = new Int32Array(STEPS / WORD);
  #first = Number.NEGATIVE_INFINITY;

  add(at: number): void {
    const step = Math.floor(at / STEP_MS);
    if (step >= this.#first + STEPS || this.#first === Number.NEGATIVE_INFINITY) this.#advance(step - STEPS + 1);
    if (step < this.#first) return;
    const place = placeOf(step);
    const count = this.#counts[place] ?? 0;
    this.#counts[place] = count + 1;
    if (count === 0) this.#some[place >> 5] = (this.#some[place >> 5] ?? 0) | (1 << (place & 31));
  }

  /** Takes away a time that was added. */
  remove(at: number): void {
    const step = Math.floor(at / STEP_MS);
    if (step < this.#first) return;
    const place = placeOf(step);
    const count = this.#counts[place] ?? 0;
    this.#counts[place] = count - 1;
    if (count === 1) this.#clear(place);
  }

  /** The oldest at or after `since`; undefined without any. */
  oldest(since: number): number | undefined {
    const end = this.#first + STEPS;
    let step = Math.max(this.#first, Math.floor(since / STEP_MS));
    while (step < end) {
      const place = placeOf(step);
      // The steps of a word lie one after the other in time as well, for both begin at a multiple of 32.
      const rest = (this.#some[place >> 5] ?? 0) >>> (place & 31);
      if (rest !== 0) {
        step += Math.clz32(rest & -rest) ^ 31;
        return step < end ? Math.max(since, step * STEP_MS) : undefined;
      }
      step += WORD - (place & 31);
    }
    return undefined;
  }

  /** Forgets what lies before a step. */
  #advance(first: number): void {
    if (first - this.#first >= STEPS) {
      this.#counts.fill(0);
      this.#some.fill(0);
    } else for (let step = this.#first; step < first; step++) this.#clear(placeOf(step));
    this.#first = first;
  }

  #clear(place: number): void {
    this.#counts[place] = 0;
    this.#some[place >> 5] = (this.#some[place >> 5] ?? 0) & ~(1 << (place & 31));
  }
}

function placeOf(step: number): number {
  return ((step % STEPS) + STEPS) % STEPS;
}
