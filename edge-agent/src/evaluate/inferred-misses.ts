import type { PortalReadPoint, ReadPoint } from "@storeward/contracts";
import type { Claim } from "./claims.js";

/**
 * Passages that must have been: a tag that goes into a room from where it cannot have been has come there by a passage that nobody told.
 * Counts one for each tag found on the wrong side, and those passages that told something of a tag whose place was known.
 */
export class InferredMisses {
  readonly #portals: ReadonlyMap<string, PortalReadPoint>;
  /** Where each tag went last. */
  readonly #places = new Map<string, string>();
  misses = 0;
  checked = 0;

  constructor(readPoints: readonly ReadPoint[]) {
    this.#portals = new Map(
      readPoints.flatMap((point) => (point.role === "portal" ? [[point.id, point] as const] : [])),
    );
  }

  take(claim: Claim): void {
    const portal = claim.type === "passed" ? this.#portals.get(claim.readPoint) : undefined;
    if (claim.type !== "passed" || portal === undefined) return;
    const [from, to] = claim.direction === "in" ? [portal.outside, portal.inside] : [portal.inside, portal.outside];
    const place = this.#places.get(claim.epc);
    if (place !== undefined) {
      this.checked++;
      if (place !== from) this.misses++;
    }
    this.#places.set(claim.epc, to);
  }
}
