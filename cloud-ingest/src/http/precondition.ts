import { createHash } from "node:crypto";
import { Type } from "typebox";

const TAG = '(?:W/)?"[\\x21\\x23-\\x7e]*"';

/** Headers by which a change is asked for only of what one has seen (RFC 9110 §13.1): for the schemas of routes. */
export const Preconditions = Type.Object({
  "if-match": Type.Optional(
    Type.String({
      pattern: `^(?:\\*|${TAG}(?:[ \\t]*,[ \\t]*${TAG})*)$`,
      maxLength: 500,
      description: "ETag of what is to be changed, as it was read: 412 where it is another by now",
    }),
  ),
  "if-none-match": Type.Optional(
    Type.Literal("*", { description: "only where there is none yet: 412 where there is one" }),
  ),
});

/** What is asked of the state before it is changed; nothing where neither is there. */
export interface Precondition {
  /** Tags of which it must have one; "*": it must be there. */
  readonly match?: readonly string[] | "*";
  /** It must not be there. */
  readonly absent?: true;
}

export function preconditionOf(headers: {
  readonly "if-match"?: string;
  readonly "if-none-match"?: string;
}): Precondition {
  const match = headers["if-match"];
  const absent = headers["if-none-match"] === undefined ? {} : { absent: true as const };
  if (match === undefined) return absent;
  // A proxy that compresses answers weakens their tags; ours are of the content, and what is the same content is the same.
  return { ...absent, match: match === "*" ? match : (match.match(/"[^"]*"/g) ?? []) };
}

/** @param content what is there; undefined where there is nothing */
export function isMet({ match, absent }: Precondition, content: unknown): boolean {
  if (absent === true && content !== undefined) return false;
  if (match === undefined) return true;
  return content !== undefined && (match === "*" || match.includes(entityTag(content)));
}

const TAG_LENGTH = 22;

/** The entity tag of some content (RFC 9110 §8.8.3), quotes and all: the same for the same, in whatever order its keys are. */
export function entityTag(content: unknown): string {
  const hash = createHash("sha256")
    .update(JSON.stringify(inOrder(content)))
    .digest("base64url");
  return `"${hash.slice(0, TAG_LENGTH)}"`;
}

/** Keys in order, as far down as they go: what is stored comes back in another order. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, inOrder(inner)]),
  );
}
