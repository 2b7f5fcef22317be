/** How long the database may take, ms, before what waits for it is given up: the work is tried again, and others go on. */
export interface Limits {
  /** A statement; the server ends it. */
  readonly statementMs: number;
  /** The wait for a lock that another session holds; the server ends it. */
  readonly lockMs: number;
  /** Between two statements of a transaction: whoever is that silent is gone, and must not hold locks. The server ends its connection. */
  readonly idleMs: number;
  /** A connection that says nothing although it was asked is given up here: the server is gone, or the line. Longer than a statement may take. */
  readonly silentMs: number;
  /** The same of work that may take as long as it takes. */
  readonly longMs: number;
  /** Until a connection is made, or one of those there are is free. */
  readonly connectMs: number;
}

/** A message may be sent to a receiver, or a minute to a database of time series, while a transaction is open: that is exempt by itself. */
const IDLE_MS = 60_000;
const LONG_MS = 6 * 3_600_000;
export const CONNECT_MS = 10_000;

/** Limits of ordinary work: of turns of intake, rounds of followers, pages. @param statementMs what a statement may take, ms */
export function ordinaryLimits(statementMs: number): Limits {
  return {
    statementMs,
    lockMs: statementMs / 2,
    idleMs: IDLE_MS,
    silentMs: statementMs * 1.25,
    longMs: LONG_MS,
    connectMs: CONNECT_MS,
  };
}

/** Of the word that a process lives, which is good for 5 s: a connection that has died takes no more of them than there is to try another. */
export const PROMPT_LIMITS: Limits = {
  statementMs: 2_800,
  lockMs: 2_000,
  idleMs: 3_000,
  silentMs: 3_000,
  longMs: 3_000,
  connectMs: 1_500,
};
