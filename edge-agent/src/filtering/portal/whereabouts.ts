const MAX_TAGS = 20_000;
/** After so long a tag may have come back by a way that this device does not see, ms. */
const FORGET_MS = 12 * 3_600_000;

interface Known {
  readonly place: string;
  readonly at: number;
}

/** To which place each tag last crossed, by all portals of this device: who is outside does not go out. */
export class Whereabouts {
  readonly #known = new Map<string, Known>();

  crossed(epc: string, place: string, at: number): void {
    this.#known.delete(epc);
    this.#known.set(epc, { place, at });
    if (this.#known.size <= MAX_TAGS) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  /** It was seen where no portal leads: nothing is known any more. */
  forget(epc: string): void {
    this.#known.delete(epc);
  }

  placeOf(epc: string, now: number): string | undefined {
    const known = this.#known.get(epc);
    return known === undefined || now - known.at > FORGET_MS ? undefined : known.place;
  }
}
