import type { Element } from "./element.js";
import type { Gs1ErrorCode } from "./errors.js";
import { identifierOf, matches } from "./identifiers.js";

/** A pairing of identifiers that the General Specifications (§4.13, §4.14) do not allow. */
export interface Association {
  readonly code: Extract<Gs1ErrorCode, "CONFLICT" | "EXCLUDED_PAIR" | "MISSING_COMPANION">;
  /** Index in the elements. */
  readonly index: number;
  readonly message: string;
}

/**
 * The pairings of elements that are not allowed. A missing companion may stand in another symbol on the same item, and is
 * only wrong where none has it; the others are wrong wherever they stand.
 */
export function associationsOf(elements: readonly Element[]): Association[] {
  const found: Association[] = [];
  for (let index = 0; index < elements.length; index++) {
    const element = elements[index];
    const identifier = element && identifierOf(element.ai);
    if (element === undefined || identifier === undefined) continue;
    const name = `(${element.ai}) ${identifier.title}`;
    const earlier = elements.findIndex((other) => other.ai === element.ai);
    if (earlier < index && elements[earlier]?.value !== element.value) {
      found.push({ code: "CONFLICT", index, message: `${name} is there twice with different values` });
    }
    for (const pattern of identifier.excludes) {
      const other = elements.find(({ ai }) => ai !== element.ai && matches(pattern, ai));
      if (other !== undefined) {
        found.push({ code: "EXCLUDED_PAIR", index, message: `${name} must not stand with (${other.ai})` });
      }
    }
    for (const groups of identifier.requires) {
      if (!groups.some((group) => group.every((pattern) => hasMatch(elements, pattern)))) {
        const wanted = groups.map((group) => group.map((pattern) => `(${pattern})`).join(" with ")).join(", or ");
        found.push({ code: "MISSING_COMPANION", index, message: `${name} needs ${wanted}` });
      }
    }
  }
  return found;
}

function hasMatch(elements: readonly Element[], pattern: string): boolean {
  for (const { ai } of elements) if (matches(pattern, ai)) return true;
  return false;
}
