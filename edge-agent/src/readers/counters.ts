/** Counters by name that begin to exist when something happens: what went wrong on a link. */
export class Counters {
  readonly #values = new Map<string, number>();

  add(name: string, count = 1): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + count);
  }

  values(): Record<string, number> {
    return Object.fromEntries(this.#values);
  }
}
