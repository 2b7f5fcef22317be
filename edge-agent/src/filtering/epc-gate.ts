import { isPersonTag } from "@storeward/codecs/epc";
import type { EpcFilter } from "@storeward/contracts";

/**
 * Decides which tags leave the device. Doors also read badges and wristbands, and everything that visitors carry: those are counted,
 * never stored, unless a read point is allowed to store persons.
 */
export class EpcGate {
  readonly #prefixes: readonly string[];
  readonly #counts = { foreign: 0, persons: 0 };

  constructor(filter: EpcFilter | undefined) {
    this.#prefixes = filter?.prefixes ?? [];
  }

  /** Whether reads of this EPC (upper-case hex) go on; otherwise `count` of them are counted. A person's tag needs no prefix. */
  passes(epc: string, persons: boolean, count: number): boolean {
    if (isPersonTag(epc)) {
      if (!persons) this.#counts.persons += count;
      return persons;
    }
    if (this.#prefixes.length === 0 || this.#prefixes.some((prefix) => epc.startsWith(prefix))) return true;
    this.#counts.foreign += count;
    return false;
  }

  counts(): { foreign: number; persons: number } {
    return { ...this.#counts };
  }
}
