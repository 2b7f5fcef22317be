import { MAX_BATCH_BYTES } from "@storeward/contracts";
import { ManualClock } from "@storeward/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Credit, TOTAL_CREDIT } from "./credit.js";

describe("credit", () => {
  it("of all agents at all processes together is bounded, however the agents are spread and however fast they are", () => {
    const processes = fc.array(
      fc.record({ partitions: fc.integer({ min: 0, max: 64 }), agents: fc.integer({ min: 1, max: 400 }) }),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(processes, (all) => {
        const partitions = Math.max(
          1,
          all.reduce((sum, one) => sum + one.partitions, 0),
        );
        let given = 0;
        for (const { partitions: held, agents } of all) {
          const credit = new Credit({ clock: new ManualClock(), lag: () => 0, share: () => held / partitions });
          const names = Array.from({ length: agents }, (_, n) => `agent-${n}`);
          for (const name of names) {
            credit.begin(name);
            for (let batch = 0; batch < 8; batch++) credit.taken(name);
          }
          given += names.reduce((sum, name) => sum + credit.of(name), 0);
        }
        expect(given).toBeLessThanOrEqual(TOTAL_CREDIT);
      }),
    );
  });

  it("is one batch each while followers are far behind, at whichever process", () => {
    const credit = new Credit({ clock: new ManualClock(), lag: () => 1_000_000, share: () => 0.5 });
    credit.begin("a");
    for (let batch = 0; batch < 8; batch++) credit.taken("a");
    expect(credit.of("a")).toBe(MAX_BATCH_BYTES);
  });
});
