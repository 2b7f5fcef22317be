import type { Instant, ObservationDraft } from "@storeward/contracts";
import { MAX_BODY_BYTES } from "@storeward/contracts";
import { type Clock, isoMs } from "@storeward/runtime";
import { E } from "./errors.js";

/** What the journal adds to every draft. */
export interface BodyHead {
  readonly at: Instant;
  readonly config: number;
}

/** Now, as a row says it: whole milliseconds, so that the text is short and the same on every machine. */
export function instantNow(clock: Pick<Clock, "mono" | "wall">, boot: string): Instant {
  return { boot, mono: Math.floor(clock.mono()), wall: isoMs(clock.wall()) };
}

/** Where `bodyOf` puts it: near the start, before anything that an observation says. */
const WALL = /^\{"type":"[a-z]{1,20}","at":\{"boot":"[0-9a-f]{32}","mono":-?\d{1,16},"wall":"([^"]{20,30})"/;

/** When this row was journaled, as it believed (wall ms). */
export function wallOf(body: string): number | undefined {
  const wall = Date.parse(WALL.exec(body.slice(0, 160))?.[1] ?? "");
  return Number.isFinite(wall) ? wall : undefined;
}

/** The text of what the journal adds to drafts, made once for those that are journaled together. */
export function headText({ at, config }: BodyHead): string {
  return `"at":${JSON.stringify(at)},"config":${config}`;
}

/** The text that is stored, hashed and sent, and its bytes in UTF-8. JSON.stringify escapes LF, so a body is one line. */
export function bodyOf(draft: ObservationDraft, head: string): { body: string; bytes: number } {
  const body = textOf(draft, head);
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_BODY_BYTES) throw E.JOURNAL_ROW_TOO_LARGE({ type: draft.type, bytes, max: MAX_BODY_BYTES });
  return { body, bytes };
}

/** Type and head first. A draft begins with its type, so that the text of the rest need not be made from a copy of it. */
function textOf(draft: ObservationDraft, head: string): string {
  const text = JSON.stringify(draft);
  const start = `{"type":"${draft.type}",`;
  if (text.startsWith(start)) return `${start}${head},${text.slice(start.length)}`;
  const { type, ...rest } = draft;
  const others = JSON.stringify(rest).slice(1);
  return `{"type":${JSON.stringify(type)},${head}${others === "}" ? "" : ","}${others}`;
}
