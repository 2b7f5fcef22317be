import { createLogger, ManualClock } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "./database/testing.js";
import { daysOf } from "./journal/index.js";
import { createEvidenceLog } from "./locations/index.js";
import { Retention, storageOf } from "./retention.js";
import { schema } from "./schema.js";

const log = createLogger("test", { level: "silent" });
const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 2, 1, 8);
let test: TestDatabase;

beforeAll(async () => {
  test = await testDatabase(schema);
});
afterAll(() => test.close());

describe("retention", () => {
  it("drops days that are too old once their followers have passed them, never before, and makes days ahead", async () => {
    const clock = new ManualClock({ wall: START });
    const evidence = createEvidenceLog(clock);
    for (let day = 0; day < 4; day++) {
      await test.db.transaction((tx) =>
        evidence.append(tx, 0, [{ item: "i", fact: {} } as never, { item: "i", fact: {} } as never]),
      );
      clock.stepWall(DAY_MS);
    }
    const retention = new Retention({ db: test.db, log, clock, keep: { days: 2 } });
    retention.register({ name: "f", log: evidence });
    const days = async () => (await daysOf(test.db, "evidence")).map(({ day }) => day);
    await retention.tick();
    expect(await days()).toEqual(["01", "02", "03", "04", "05", "06", "07"].map((day) => `2026-03-${day}`));
    // Behind by one row of the second day.
    await test.db.query("INSERT INTO follower_cursor (follower, partition, pos) VALUES ('f', 0, 3)");
    await retention.tick();
    expect(await days()).toEqual(["02", "03", "04", "05", "06", "07"].map((day) => `2026-03-${day}`));
    await test.db.query("UPDATE follower_cursor SET pos = 4 WHERE follower = 'f'");
    await retention.tick();
    expect(await days()).toEqual(["03", "04", "05", "06", "07"].map((day) => `2026-03-${day}`));
    expect((await evidence.read(test.db, 0, 4, 10)).map(({ pos }) => pos)).toEqual([5, 6, 7, 8]);
  });

  it("drops the oldest days while the database is too large, and keeps today's whatever its size", async () => {
    const clock = new ManualClock({ wall: START + 4 * DAY_MS });
    const retention = new Retention({ db: test.db, log, clock, keep: { days: 400, maxBytes: 1 } });
    await retention.tick();
    expect((await daysOf(test.db, "evidence")).map(({ day }) => day)[0]).toBe("2026-03-05");
    expect(await storageOf(test.db, { days: 400, maxBytes: 1 })).toMatchObject({
      days: 400,
      maxBytes: 1,
      oldest: null,
    });
  });
});
