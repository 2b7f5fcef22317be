import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { openDatabase, type Sqlite } from "./database.js";
import { PresenceStore } from "./presence-store.js";

const dir = mkdtempSync(join(tmpdir(), "storeward-presence-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const readPoint = fc.constantFrom("board-1", "board-2", "board");
const epc = fc.integer({ min: 0, max: 12 }).map((n) => `30${n.toString(16).toUpperCase()}`);
const change = fc.record({
  readPoint,
  epc,
  state: fc.option(
    fc.nat({ max: 99 }).map((n) => `{"v":${n}}`),
    { nil: null },
  ),
});
/** One commit: what its rows say, and how it ends. */
const commit = fc.record({
  changes: fc.array(change, { maxLength: 8 }),
  end: fc.constantFrom("kept", "kept", "kept", "rolled back", "crashed before", "restarted after"),
});

describe("presence in a log that is folded now and then", () => {
  it("is always that of the last row that was kept, wherever folding stopped, was rolled back or began again", () => {
    let run = 0;
    let folded = 0;
    fc.assert(
      fc.property(fc.array(commit, { maxLength: 60 }), (commits) => {
        const file = join(dir, `${run++}.db`);
        let db = openDatabase(file);
        const bounds = { foldAt: 16, piece: 3 };
        let store = new PresenceStore(db, bounds);
        const model = new Map<string, string>();
        for (const { changes, end } of commits) {
          const isKept = end === "kept" || end === "restarted after";
          attempt(db, store, changes, isKept);
          if (isKept)
            for (const { readPoint, epc, state } of changes) {
              if (state === null) model.delete(`${readPoint} ${epc}`);
              else model.set(`${readPoint} ${epc}`, state);
            }
          if (end === "rolled back") store.rolledBack();
          else if (end !== "kept") {
            db.close();
            db = openDatabase(file);
            store = new PresenceStore(db, bounds);
          }
          const now = store.all().map(({ readPoint, epc, state }) => [`${readPoint} ${epc}`, state]);
          expect(now).toEqual([...model].sort(([a], [b]) => (a < b ? -1 : 1)));
          folded = Math.max(folded, count(db, "presence"));
          expect(count(db, "presence_change")).toBeLessThan(16 + 8 * 16);
        }
        db.close();
      }),
      { numRuns: 60 },
    );
    expect(folded).toBeGreaterThan(0);
  });

  it("keeps the log short however much comes", () => {
    const db = openDatabase(join(dir, "long.db"));
    const store = new PresenceStore(db, { foldAt: 100, piece: 20 });
    for (let i = 0; i < 200; i++)
      attempt(
        db,
        store,
        Array.from({ length: 10 }, (_, n) => ({ readPoint: "p", epc: String((i * 7 + n) % 300), state: String(i) })),
        true,
      );
    expect(count(db, "presence_change")).toBeLessThan(100 + 20 * 10);
    expect(store.all()).toHaveLength(300);
    db.close();
  });
});

function attempt(
  db: Sqlite,
  store: PresenceStore,
  changes: readonly Parameters<PresenceStore["log"]>[0][],
  isKept: boolean,
) {
  db.exec("begin immediate");
  for (const change of changes) store.log(change);
  store.fold();
  db.exec(isKept ? "commit" : "rollback");
}

function count(db: Sqlite, table: string): number {
  return Number(db.prepare(`select count(*) from ${table}`).pluck().get());
}
