import type { Clock, StorewardError } from "@storeward/runtime";
import { isoMs } from "@storeward/runtime";
import { E } from "./errors.js";

/** For how long somebody is told, also after restarts, of what happened once. */
const TOLD_MS = 24 * 3_600_000;

interface Forked {
  readonly wall: number;
  /** Wall ms since which the other life may have had rows. */
  readonly since: number;
  readonly forked: string;
  readonly committed: number;
  readonly head: number;
}
interface Salvaged {
  readonly wall: number;
  readonly file: string;
  readonly reason: string;
  readonly rows: number;
  readonly lost: number;
}

/** Notes of what happened to the journal that somebody must hear of, as they are stored with it. */
export const forkedNote = (what: Forked) => ({ key: "forked", value: JSON.stringify(what) });
export const salvagedNote = (what: Salvaged) => ({ key: "salvaged", value: JSON.stringify(what) });

export function lastingProblems(
  note: (key: string) => string | undefined,
  clock: Pick<Clock, "wall">,
): StorewardError[] {
  const problems: StorewardError[] = [];
  const forked = recent(forkedOf(note("forked")), clock);
  if (forked !== undefined) problems.push(E.JOURNAL_HAS_FORKED({ ...forked, at: isoMs(forked.wall) }));
  const salvaged = recent(parsed<Salvaged>(note("salvaged")), clock);
  if (salvaged !== undefined) problems.push(E.JOURNAL_SALVAGED({ ...salvaged, at: isoMs(salvaged.wall) }));
  return problems;
}

export function forkedOf(note: string | undefined): Forked | undefined {
  return parsed<Forked>(note);
}

function recent<T extends { readonly wall: number }>(what: T | undefined, clock: Pick<Clock, "wall">): T | undefined {
  return what !== undefined && Math.abs(clock.wall() - what.wall) < TOLD_MS ? what : undefined;
}

function parsed<T>(note: string | undefined): T | undefined {
  if (note === undefined) return undefined;
  try {
    return JSON.parse(note) as T;
  } catch {
    return undefined;
  }
}
