import { ManualClock } from "@storeward/runtime";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrations as auditMigrations } from "../audit/index.js";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { Journal, migrations as journalMigrations } from "../journal/index.js";
import { KnownAssignments, migrations, TagActs, Tags } from "./index.js";

const ITEMS = ["0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-000000000002"] as const;
const EPCS = ["E20001", "E20002", "E20003"] as const;
const anna = { actor: "anna", ip: "10.0.0.1", requestId: "r1" };
const NOW = Date.UTC(2026, 5, 1, 12);
const HOUR = 3_600_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase([...journalMigrations, ...auditMigrations, ...migrations]);
});
afterAll(() => database.close());

const act = fc.record({
  kind: fc.constantFrom("bind" as const, "replace" as const, "retire" as const),
  item: fc.constantFrom(...ITEMS),
  epc: fc.constantFrom(...EPCS),
  hoursAgo: fc.nat(9),
});

describe("assignments that are remembered", () => {
  it("answer as the database does, whatever is bound and retired in between, and however few are remembered", async () => {
    const clock = new ManualClock({ wall: NOW });
    const tags = new Tags();
    const items = { names: async () => new Map<string, string>(), accept: async () => undefined };
    const acts = new TagActs({ tags, journal: new Journal({ clock }), items, clock });
    const numbers = await database.db.transaction((tx) =>
      tags.numbers(
        tx,
        EPCS.map((epc) => ({ epc })),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 6 }), fc.integer({ min: 1, max: 4 }), async (list, most) => {
        await database.db.query("TRUNCATE tag_assignment");
        const known = new KnownAssignments(tags, most);
        for (const { kind, item, epc, hoursAgo } of list) {
          const validFrom = new Date(NOW - hoursAgo * HOUR).toISOString();
          const done = database.db.transaction((tx) => acts.act(tx, item, { act: kind, epc, validFrom }, anna));
          await done.catch(() => undefined);
          const asked = [...numbers.values(), 999].flatMap((tag) =>
            [0.5, 3.5, 7.5].map((hours) => ({ tag, at: new Date(NOW - hours * HOUR) })),
          );
          expect(await known.itemsAt(database.db, asked)).toEqual(await tags.itemsAt(database.db, asked));
          expect(await known.boundAfter(database.db, asked)).toEqual(await tags.boundAfter(database.db, asked));
        }
      }),
      { numRuns: 12 },
    );
  });
});
