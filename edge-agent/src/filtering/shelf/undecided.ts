import { OpenTimes } from "../open-times.js";
import type { Evidence } from "./evidence.js";
import { FIRST_READ, LAST_READ, OPEN } from "./places.js";
import type { ShelfTag } from "./shelf-tag.js";

/** Ahead by so much there is no doubt, nats. */
const SETTLED = 5;

/** Since when what is not decided of tags is open: by it the device knows how far what it has told is complete. */
export class Undecided {
  readonly #open = new OpenTimes();

  /** The first read of what is not decided yet, mono ms, to 10 ms. */
  oldest(since: number): number | undefined {
    return this.#open.oldest(since);
  }

  /** Counts since when the tag is open, as it is now. */
  note(tag: ShelfTag): void {
    const decided = tag.leadsAsTold && tag.lead >= SETTLED;
    for (let place = 0; place < tag.boards; place++) {
      const open = decided ? Number.NaN : tag.numberOf(place, place === tag.told ? LAST_READ : FIRST_READ);
      const known = tag.numberOf(place, OPEN);
      if (open === known || (decided && Number.isNaN(known))) continue;
      if (!Number.isNaN(known)) this.#open.remove(known);
      if (!decided) this.#open.add(open);
      tag.setNumber(place, OPEN, open);
    }
  }

  /** What this says is open no more. */
  forget({ openAt }: Evidence): void {
    if (!Number.isNaN(openAt)) this.#open.remove(openAt);
  }
}
