import type { Entry } from "../../journal/journal.js";
import { SeenRule } from "../seen-rule.js";
import type { Board } from "./board.js";
import type { Evidence } from "./evidence.js";
import type { StoredPattern } from "./pattern.js";
import type { ShelfTag } from "./shelf-tag.js";

interface StoredShelf {
  readonly v: 1;
  readonly pc?: string | undefined;
  readonly tid?: string | undefined;
  readonly pattern: StoredPattern;
}

/** The tag is on the board of `evidence` from now on. */
export function arrived(tag: ShelfTag, evidence: Evidence, at: number): Entry {
  const { board, sum, firstRead, pattern } = evidence;
  tag.seenRule = new SeenRule(at, { rate: sum.rate, rssi: sum.rssiMean });
  const draft = {
    type: "arrived" as const,
    tag: tag.tag,
    readPoint: board.readPoint.id,
    first: firstRead,
    strength: sum.strength(),
  };
  const { n, rssi, sd } = pattern.stored();
  const learnt = { n, rate: sum.rate, rssi: sum.rssiMean ?? rssi, sd };
  sum.restart(at);
  return { draft, presence: presenceOf(tag, board, learnt) };
}

/** The tag is on `board` no more. */
export function departed(tag: ShelfTag, board: Board, at: number): Entry {
  const evidence = tag.evidenceAt(board);
  const readPoint = board.readPoint.id;
  const draft = {
    type: "departed" as const,
    tag: tag.tag,
    readPoint,
    last: evidence?.lastRead ?? at,
    decided: at,
    expectedRate: Math.round(Math.min(1, evidence?.pattern.rate ?? 0) * 1000) / 1000,
  };
  evidence?.sum.restart(at);
  return { draft, presence: { readPoint, epc: tag.tag.epc, state: null } };
}

/** The presence as it is stored with the row after which it holds. */
export function presenceOf(tag: ShelfTag, board: Board, pattern: StoredPattern): NonNullable<Entry["presence"]> {
  const { epc, pc, tid } = tag.tag;
  // What is undefined is left out of the text.
  const state: StoredShelf = { v: 1, pc, tid, pattern };
  return { readPoint: board.readPoint.id, epc, state: JSON.stringify(state) };
}

/** Undefined where the text is no such state. */
export function parseStored(text: string): StoredShelf | undefined {
  try {
    const value = JSON.parse(text) as Partial<StoredShelf> | null;
    const pattern = value?.pattern;
    if (value?.v !== 1 || typeof pattern?.n !== "number" || typeof pattern.rate !== "number") return undefined;
    return value as StoredShelf;
  } catch {
    return undefined;
  }
}
