import { isPersonTag } from "@storeward/codecs/epc";
import { EpcSelection, type NotSelected } from "@storeward/codecs/epc-pattern";
import type { EpcFilter } from "@storeward/contracts";
import type { Filtered } from "./filter.js";

/** Answers that are remembered: as many as tags are followed, and twice that at the most. */
const MAX_KNOWN = 50_000;

/**
 * Decides which tags leave the device. Doors also read badges and wristbands, and everything that visitors carry: those are counted,
 * never stored, unless a read point is allowed to store persons.
 */
export class EpcGate {
  readonly #selection: EpcSelection;
  readonly #counts = { foreign: 0, persons: 0, excluded: 0 };
  /** What was found when an EPC was decoded, of late and before: the older half is forgotten as a whole. */
  #known = new Map<string, NotSelected | "selected">();
  #before = new Map<string, NotSelected | "selected">();

  constructor(filter: EpcFilter | undefined) {
    this.#selection = new EpcSelection(filter ?? {});
  }

  /** Whether reads of this EPC (upper-case hex) go on; otherwise `count` of them are counted. A person's tag needs not be included. */
  passes(epc: string, persons: boolean, count: number): boolean {
    const isPerson = isPersonTag(epc);
    if (isPerson && !persons) {
      this.#counts.persons += count;
      return false;
    }
    const against = this.#selection.decodes(epc) ? this.#remembered(epc) : this.#selection.against(epc);
    if (against === undefined || (isPerson && against === "foreign")) return true;
    this.#counts[against] += count;
    return false;
  }

  counts(): Filtered {
    const { foreign, persons, excluded } = this.#counts;
    return { foreign, persons, ...(excluded === 0 ? {} : { excluded }) };
  }

  /** An EPC is decoded once for the thousands of its reads. */
  #remembered(epc: string): NotSelected | undefined {
    const known = this.#known.get(epc);
    if (known !== undefined) return known === "selected" ? undefined : known;
    const answer = this.#before.get(epc) ?? this.#selection.against(epc) ?? "selected";
    if (this.#known.size >= MAX_KNOWN) {
      this.#before = this.#known;
      this.#known = new Map();
    }
    this.#known.set(epc, answer);
    return answer === "selected" ? undefined : answer;
  }
}
