import { Arena } from "./arena.js";
import { CONDITIONS, type Condition } from "./conditions.js";
import { LOOK_MS, type Observed, observe, observedIn, placesOf, settlingOf } from "./observed.js";
import type { Score } from "./score.js";

export interface Outcome {
  readonly seed: number;
  readonly minutes: number;
  /** Of who always names the usual place of a kind, and knows it beforehand. */
  readonly usualBrier: number;
  readonly condition: string;
  readonly method: string;
  readonly score: Score;
}

/**
 * The same hospital under every condition at once, and where each method says that its things are.
 * @param folder where observations are kept: those that are in it are not simulated again
 */
export function trial(
  seed: number,
  minutes: number,
  conditions: readonly Condition[] = CONDITIONS,
  folder?: string,
): Outcome[] {
  const observed =
    folder === undefined ? observe(seed, minutes, conditions) : observedIn(folder, seed, minutes, conditions);
  return conditions.flatMap((condition) => {
    const run = observed.get(condition.edge.id);
    return run === undefined ? [] : judge(run, condition);
  });
}

/** Where each method says that things are, from the same observations. */
function judge(
  { seed, minutes, usualBrier, site, epcs, sent, through, moves, onReads }: Observed,
  { id, delivery, known = (one) => one }: Condition,
): Outcome[] {
  const ms = minutes * 60_000;
  const arena = new Arena(known(site), epcs, delivery(ms), settlingOf(ms), { condition: id, kinds: ["observations"] });
  const seen = epcs.map(() => 0);
  let next = 0;
  let end = 0;
  for (const [now, agents] of through) {
    for (let row = sent[next]; row !== undefined && row.at <= now; row = sent[++next]) arena.send(row);
    const truth = epcs.flatMap((epc, index) => {
      const own = moves[index] ?? [];
      while ((own[(seen[index] ?? 0) + 1]?.seen ?? Infinity) <= now) seen[index] = (seen[index] ?? 0) + 1;
      const move = own[seen[index] ?? 0];
      return move === undefined ? [] : [{ epc, place: move.place, at: move.at }];
    });
    arena.look(now, LOOK_MS / 1000, truth, new Map(agents));
    end = now;
  }
  const all = new Map(epcs.map((epc, index) => [epc, placesOf(moves[index] ?? [])]));
  const found = [...arena.end(end, all), ...onReads.filter(({ condition }) => condition === id)];
  return found.map(({ method, score }) => ({ seed, minutes, usualBrier, condition: id, method, score }));
}
