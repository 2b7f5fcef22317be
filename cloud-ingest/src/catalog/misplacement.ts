import type { ItemState } from "@storeward/contracts";

/** What is known of where a thing is, and of the watch over where it should be. Moments are milliseconds since 1970. */
export interface PlacedFacts {
  readonly state: ItemState;
  readonly placeId: string | null;
  /** Since when it is in that place. */
  readonly since: number | null;
  readonly seenAt: number | null;
  /**
   * Seconds since it was seen last in which the places where it should be, and the one where it was last, were all watched; undefined where one is
   * not watched, or was not without a break for the last {@link PlaceRule.missingAfter} seconds.
   */
  readonly watchedSeconds: number | undefined;
  readonly now: number;
}

/** Where a thing may be and should be. Seconds are how long something must be so before it is said. */
export interface PlaceRule {
  /** Undefined: it may be anywhere. */
  readonly allowed: ReadonlySet<string> | undefined;
  /** None: nowhere in particular. */
  readonly expected: readonly string[];
  readonly wrongPlaceAfter: number;
  readonly missingAfter: number;
}

export interface Misplacement {
  readonly wrongPlace?: { readonly since: number };
  readonly missing?: { readonly since: number; readonly watchedSeconds: number };
}

/** What came and went quicker was a walk. */
const SETTLED_S = 30;

/**
 * Whether a thing is where it should not be, or is not where it should be. What is unknown is in no wrong place, what is moving is not yet
 * anywhere, and nothing is missing from where nobody watches.
 */
export function misplacement(facts: PlacedFacts, rule: PlaceRule): Misplacement {
  const { state, placeId, since, seenAt, watchedSeconds, now } = facts;
  if (state === "here" && placeId !== null && since !== null) {
    const isWrong = rule.allowed !== undefined && !rule.allowed.has(placeId);
    const settled = now - since >= Math.max(SETTLED_S, rule.wrongPlaceAfter) * 1000;
    return isWrong && settled ? { wrongPlace: { since } } : {};
  }
  if (state !== "left" && state !== "unknown") return {};
  if (rule.expected.length === 0 || seenAt === null || watchedSeconds === undefined) return {};
  const missing = watchedSeconds >= Math.max(SETTLED_S, rule.missingAfter);
  return missing ? { missing: { since: seenAt, watchedSeconds } } : {};
}
