import type { Board } from "./board.js";
import type { Evidence } from "./evidence.js";

/**
 * Who empties a board of so many things in one moment is rarer than an antenna that dies. Say that somebody takes something from a board
 * once an hour, and that each further thing goes along in the same round with a chance of one in four: n things go at once 4^(1-n) times
 * an hour, four of them once in three days. A cable, an antenna or a port fails perhaps once a year and board, a hundred times rarer yet;
 * but each wrong departure is an alert or a wrong stock figure, and a wrong doubt ends with the next thing that is laid there. One or two
 * things are taken together every day.
 */
const MIN_TOGETHER = 4;
/** A tag had been taken before its board fell silent when it was missed before that as it is by chance less often than this. */
const BY_CHANCE = 0.05;
/** A board that reads a tag weaker than the tag's own board did by more than this need not have it, dB. */
const AS_STRONG_DB = 6;
/** Boards of one reader fell silent at once when their last reads are so near to each other, ms. */
const AT_ONCE_MS = 3_000;

/**
 * Whether a board that reads nothing at all is more likely deaf than empty: so many tags fell silent with it, or with all boards of its
 * readers, that nobody took them all in that moment. A board that was emptied still reads its neighbours' tags now and then.
 */
export function isDeaf(board: Board, all: Iterable<Board>): boolean {
  if (!board.isSilent || board.isKnownEmpty) return false;
  let together = fellSilent(board);
  if (together >= MIN_TOGETHER) return true;
  for (const other of all) {
    if (other === board || !other.sharesReader(board)) continue;
    if (!other.isSilent) return false;
    const apart = Math.abs(other.lastRead - board.lastRead);
    if (!(apart > AT_ONCE_MS)) together += fellSilent(other);
  }
  return together >= MIN_TOGETHER;
}

/** Tags that are told to be here and may have been until the board fell silent. */
function fellSilent(board: Board): number {
  let count = 0;
  for (const evidence of board.evidence)
    if (isHere(evidence) && (missedBefore(evidence) >= BY_CHANCE || isHeardAside(evidence))) count++;
  return count;
}

function isHere({ tag, board, pattern }: Evidence): boolean {
  return tag.published === board && pattern.learnt && !tag.hasPassed;
}

/** How likely the misses before the silence were chance. */
function missedBefore({ pattern, misses, board }: Evidence): number {
  return (1 - pattern.rate) ** Math.max(0, misses - board.silentRounds);
}

/** Another board has read it since, as faintly as one reads what lies on the next: whatever was missed here before, it has not been taken. */
function isHeardAside({ tag, board }: Evidence): boolean {
  for (let other = tag.evidence; other !== undefined; other = other.next)
    if (other.board !== board && other.lastRead > board.lastRead && !readsAsOwn(other, board)) return true;
  return false;
}

/** To be read here as strongly as where it was is evidence by itself, whoever does not watch. */
export function readsAsOwn(here: Evidence, old: Board): boolean {
  const usual = here.tag.evidenceAt(old)?.pattern.rssi;
  return usual !== undefined && here.rssi >= usual - AS_STRONG_DB;
}
