import type { LocationEvent } from "@storeward/contracts";

/** What goes from one place to another on the plan, for a moment. */
export interface Move {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly names: readonly string[];
  /** Milliseconds of the page's clock. */
  readonly startedAt: number;
}

export const MOVE_MS = 4_000;
const JOIN_MS = 600;
/** More at once is a blur; the feed has them all. */
const MOST = 12;

/** Adds a move; what sets out together goes together. Nothing moves where a place is unknown. */
export function addMove(moves: readonly Move[], event: LocationEvent, now: number): readonly Move[] {
  const from = event.from?.id;
  const to = event.item.place?.id;
  if (from === undefined || to === undefined || from === to) return moves;
  const current = moves.filter((move) => now - move.startedAt < MOVE_MS);
  const same = current.find((move) => move.from === from && move.to === to && now - move.startedAt < JOIN_MS);
  if (same !== undefined)
    return current.map((move) => (move === same ? { ...move, names: [...move.names, event.item.name] } : move));
  const added = { key: `${event.item.id} ${event.observedAt}`, from, to, names: [event.item.name], startedAt: now };
  return [...current, added].slice(-MOST);
}
