/**
 * Runs several ways of doing the same in turns, so that a busy machine is busy for all of them; the best round of each
 * counts. `ways` are functions of the number of the call, each call doing `each` things. Gives things a second by name.
 */
export function inTurns(ways, { rounds, ms, each }) {
  const best = Object.fromEntries(Object.keys(ways).map((name) => [name, 0]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(ways)) best[name] = Math.max(best[name], callsIn(run, ms) * each);
  }
  return best;
}

/** Calls a second over one round. */
function callsIn(run, ms) {
  const start = performance.now();
  let elapsed = 0;
  let calls = 0;
  while (elapsed < ms) {
    run(calls);
    calls++;
    elapsed = performance.now() - start;
  }
  return (calls * 1000) / elapsed;
}

/** Prints every figure but that of `baseline` beside it, one line of JSON each. */
export function print(figures, unit, baseline) {
  const { [baseline]: baselineValue, ...ours } = figures;
  for (const [name, value] of Object.entries(ours)) {
    const ratio = Math.round((value / baselineValue) * 10) / 10;
    const rounded = { value: Math.round(value), unit, baseline, baselineValue: Math.round(baselineValue), ratio };
    console.log(JSON.stringify({ name, ...rounded }));
  }
}
