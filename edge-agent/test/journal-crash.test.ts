import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createLogger, ManualClock } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openJournal } from "../src/journal/sqlite-journal.js";
import { APPENDER_MAX_BYTES, Appender, faultsOf } from "./appender.js";
import { type Compiled, compileAgent } from "./compiled.js";

const ROUNDS = 6;
const dir = mkdtempSync(join(tmpdir(), "storeward-crash-"));
const log = createLogger("test", { level: "silent" });
let compiled: Compiled;

beforeAll(() => {
  compiled = compileAgent();
});
afterAll(() => {
  compiled.remove();
  rmSync(dir, { recursive: true, force: true });
});

async function appendUntilKilled(file: string, from: number, ms: number): Promise<number[]> {
  const appender = new Appender({ compiled, file, from, promises: `${file}.promises-${from}` });
  try {
    await appender.begun();
    await wait(ms);
  } finally {
    await appender.kill();
  }
  return appender.promised();
}

describe("a journal whose process is killed", () => {
  it(`has every row it promised, in one unbroken chain, after each of ${ROUNDS} kills at random moments`, async () => {
    const file = join(dir, "journal.db");
    let next = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const promised = await appendUntilKilled(file, next, Math.random() * 300);
      const journal = openJournal({ file, maxBytes: APPENDER_MAX_BYTES, config: 1, clock: new ManualClock(), log });
      const { head } = journal.stats();
      // Rows are appended in order and none is skipped: row n holds number n - 1, up to the last.
      expect(faultsOf(journal)).toEqual([]);
      expect(promised).toEqual(promised.map((_, i) => next + i));
      expect(head).toBeGreaterThanOrEqual(next + promised.length);
      next = head;
      journal.close();
    }
    expect(next).toBeGreaterThan(ROUNDS * 10);
  }, 120_000);
});
