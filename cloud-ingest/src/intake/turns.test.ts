import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TOTAL_CREDIT } from "./credit.js";
import { Turns } from "./turns.js";

const AGENTS = ["a", "b", "c", "d"] as const;
const partitionOf = (agent: string): number => AGENTS.indexOf(agent as (typeof AGENTS)[number]) % 2;

describe("what waits to be taken in", () => {
  it("is given out once and in order for each agent, by one turn at a time, without what came twice in a row", () => {
    const step = fc.oneof(
      fc.record({ agent: fc.constantFrom(...AGENTS), text: fc.constantFrom("x", "y", "z") }),
      fc.constant("take" as const),
      fc.constant("done" as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const turns = new Turns();
        const waits = new Map<string, string[]>(AGENTS.map((agent) => [agent, []]));
        const open: NonNullable<ReturnType<Turns["take"]>>[] = [];
        const take = () => {
          const turn = turns.take();
          if (turn === undefined) return false;
          for (const other of open) expect(turn.partitions.filter((p) => other.partitions.includes(p))).toEqual([]);
          open.push(turn);
          for (const { agent, payload } of turn.items) expect(payload.toString()).toBe(waits.get(agent)?.shift());
          return true;
        };
        for (const each of steps) {
          if (each === "take") take();
          else if (each === "done") turns.done(open.shift() ?? { partitions: [], items: [] });
          else {
            const { agent, text } = each;
            const list = waits.get(agent) ?? [];
            if (list.at(-1) !== text) list.push(text);
            expect(turns.offer(partitionOf(agent), { agent, payload: Buffer.from(text), at: 0 })).toBe(true);
          }
          expect(turns.gauges()).toMatchObject({
            waiting: [...waits.values()].flat().length,
            bytes: [...waits.values()].flat().length,
          });
        }
        do for (const turn of open.splice(0)) turns.done(turn);
        while (take());
        expect([...waits.values()].flat()).toEqual([]);
      }),
    );
  });

  it("is bounded over all partitions, and says what it refused", () => {
    const turns = new Turns();
    const payload = Buffer.alloc(8 * 1024 * 1024);
    for (let n = 0; n < 64; n++) turns.offer(n, { agent: `agent-${n}`, payload, at: 0 });
    const { bytes, dropped } = turns.gauges();
    expect(bytes).toBe(2 * TOTAL_CREDIT);
    expect(dropped).toBe(64 - bytes / payload.length);
    turns.clear();
    expect(turns.gauges().bytes).toBe(0);
    expect(turns.offer(0, { agent: "agent-0", payload, at: 0 })).toBe(true);
  });
});
