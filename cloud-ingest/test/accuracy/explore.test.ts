import { appendFileSync } from "node:fs";
import { it } from "vitest";
import { trial } from "./trial.js";
import { CONDITIONS } from "./conditions.js";
import { BINS } from "./score.js";

it("explore", { timeout: 3_600_000 }, () => {
  const seeds = (process.env.SEEDS ?? "1").split(",").map(Number);
  const minutes = Number(process.env.MINUTES ?? "10");
  const only = process.env.ONLY?.split(",");
  const outcomes = seeds.flatMap((seed) => trial(seed, minutes, CONDITIONS.filter(({ id }) => only === undefined || only.includes(id))));
  if (process.env.KEEP) for (const o of outcomes) appendFileSync(process.env.KEEP, JSON.stringify(o) + "\n");
  for (const condition of new Set(outcomes.map((o) => o.condition)))
    for (const method of new Set(outcomes.map((o) => o.method))) {
      const some = outcomes.filter((o) => o.condition === condition && o.method === method).map((o) => o.score);
      const sum = (f: (s: (typeof some)[number]) => number) => some.reduce((t, s) => t + f(s), 0);
      const sec = sum((s) => s.seconds);
      const lat = some.flatMap((s) => s.latencies).sort((a, b) => a - b);
      console.log(
        condition.padEnd(13), method.padEnd(10),
        "right", ((100 * sum((s) => s.right)) / sec).toFixed(2),
        "known", ((100 * sum((s) => s.knownRight)) / sum((s) => s.knownSeconds)).toFixed(2),
        "wrongclaim", ((100 * sum((s) => s.claimedWrong)) / sec).toFixed(2),
        "unk", ((100 * sum((s) => s.unknown)) / sec).toFixed(2),
        "brier", (sum((s) => s.brier) / sec).toFixed(3), "usual", outcomes[0]?.usualBrier.toFixed(3),
        "F1", ((200 * sum((s) => s.foundMoves)) / (sum((s) => s.trueMoves) + sum((s) => s.toldMoves))).toFixed(1),
        "moves", sum((s) => s.trueMoves), "false", sum((s) => s.falseMoves),
        "lat", lat[lat.length >> 1], lat[Math.floor(lat.length * 0.95)],
        "sureWrong%", ((100 * sum((s) => s.sureWrong)) / sec).toFixed(2), "tooLong", sum((s) => s.sureWrongTooLong), "max", Math.max(...some.map((s) => s.longestSureWrong)),
      );
      if (method === "Storeward")
        console.log("   ", BINS.map((b, i) => { const n = sum((s) => s.reliability[i]?.seconds ?? 0); return n === 0 ? "" : `<${b}: ${((100 * n) / sec).toFixed(1)}% ${((100 * sum((s) => s.reliability[i]?.right ?? 0)) / n).toFixed(1)}`; }).filter(Boolean).join(" | "));
    }
});
