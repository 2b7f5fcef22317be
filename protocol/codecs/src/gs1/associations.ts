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
    const { ai, title, excludes, requires } = identifier;
    const earlier = earlierOf(elements, index, element.ai);
    if (earlier !== undefined) {
      if (earlier.value !== element.value) {
        found.push({ code: "CONFLICT", index, message: `(${ai}) ${title} is there twice with different values` });
      }
      // Its pairings are those of the first.
      continue;
    }
    for (const pattern of excludes) {
      const other = matchOf(elements, pattern, ai);
      if (other === undefined) continue;
      found.push({ code: "EXCLUDED_PAIR", index, message: `(${ai}) ${title} must not stand with (${other.ai})` });
    }
    for (const groups of requires) {
      if (hasGroup(elements, groups)) continue;
      const wanted = groups.map((group) => group.map((pattern) => `(${pattern})`).join(" with ")).join(", or ");
      found.push({ code: "MISSING_COMPANION", index, message: `(${ai}) ${title} needs ${wanted}` });
    }
  }
  return found;
}

function earlierOf(elements: readonly Element[], index: number, ai: string): Element | undefined {
  for (let i = 0; i < index; i++) {
    const element = elements[i];
    if (element?.ai === ai) return element;
  }
  return undefined;
}

function hasGroup(elements: readonly Element[], groups: readonly (readonly string[])[]): boolean {
  next: for (const group of groups) {
    for (const pattern of group) if (matchOf(elements, pattern) === undefined) continue next;
    return true;
  }
  return false;
}

/** An identifier does not exclude itself, even where it matches. */
function matchOf(elements: readonly Element[], pattern: string, except?: string): Element | undefined {
  for (const element of elements) {
    if (element.ai !== except && matches(pattern, element.ai)) return element;
  }
  return undefined;
}
