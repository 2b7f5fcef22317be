import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createLogger, ManualClock, nextChain } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openJournal } from "../src/journal/sqlite-journal.js";
import { type Compiled, compileAgent } from "./compiled.js";

const ROUNDS = 6;
const MIB = 1024 * 1024;
const dir = mkdtempSync(join(tmpdir(), "storeward-crash-"));
const log = createLogger("test", { level: "silent" });
let compiled: Compiled;

/**
 * Appends as fast as it can, all rows with presence, and writes down the number of each one that is kept. To a file: what is written to
 * one outlives the writer, and a pipe that is full refuses.
 */
const APPENDER = `
import { openSync, writeSync } from "node:fs";
import { createLogger, systemClock } from "@storeward/runtime";
import { openJournal } from "./src/journal/sqlite-journal.js";
const [file, from, promises] = process.argv.slice(2);
const kept = openSync(promises, "w");
const log = createLogger("appender", { level: "silent" });
const journal = openJournal({ file, maxBytes: 64 * ${MIB}, config: 1, clock: systemClock, log });
let waiting = 0;
let next = Number(from);
const more = () => {
  while (waiting < 400) {
    const port = next++;
    const draft = { type: "input", reader: "r1", port, high: true };
    const presence = { readPoint: "p", epc: String(port % 7), state: String(port) };
    waiting++;
    journal.append([{ draft, presence }]).then(() => {
      waiting--;
      writeSync(kept, port + "\\n");
    });
  }
  // The cloud takes rows and lets go of them meanwhile.
  const { head } = journal.stats();
  if (head > 500) journal.acknowledge(journal.epoch, head - 200, journal.chainAt(head - 200), head - 500);
  setTimeout(more, 1);
};
more();
`;

beforeAll(() => {
  compiled = compileAgent();
  writeFileSync(join(compiled.agent, "appender.js"), APPENDER);
});
afterAll(() => {
  compiled.remove();
  rmSync(dir, { recursive: true, force: true });
});

async function appendUntilKilled(file: string, from: number, ms: number): Promise<number[]> {
  const promises = `${file}.promises-${from}`;
  const child = spawn(process.execPath, [join(compiled.agent, "appender.js"), file, String(from), promises], {
    stdio: "inherit",
  });
  const closed = once(child, "close");
  while (!existsSync(promises) || statSync(promises).size === 0) {
    if (child.exitCode !== null) throw new Error(`the appender ended by itself with code ${child.exitCode}`);
    await wait(5);
  }
  await wait(ms);
  child.kill("SIGKILL");
  await closed;
  // The last line may be cut.
  return readFileSync(promises, "utf8").split("\n").slice(0, -1).map(Number);
}

describe("a journal whose process is killed", () => {
  it(`has every row it promised, in one unbroken chain, after each of ${ROUNDS} kills at random moments`, async () => {
    const file = join(dir, "journal.db");
    let next = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const promised = await appendUntilKilled(file, next, Math.random() * 300);
      const journal = openJournal({ file, maxBytes: 64 * MIB, config: 1, clock: new ManualClock(), log });
      const { oldest, head } = journal.stats();
      let chain = journal.chainAt(oldest - 1)!;
      let seq = oldest - 1;
      for (const row of journal.read(0, 1e6, 1e9)) {
        chain = nextChain(chain, ++seq, row.body);
        // Rows are appended in order and none is skipped: row n holds number n - 1, up to the last.
        const { port } = JSON.parse(row.body) as { port: number };
        if (row.seq !== seq || row.chain !== chain || port !== seq - 1) throw new Error(`row ${seq} is not right`);
      }
      expect(seq).toBe(head);
      expect(promised).toEqual(promised.map((_, i) => next + i));
      expect(head).toBeGreaterThanOrEqual(next + promised.length);
      // Presence is that of the last row of each tag: neither older nor newer.
      const last = (epc: number) => head - 1 - ((((head - 1 - epc) % 7) + 7) % 7);
      for (const { epc, state } of journal.presences()) expect(Number(state)).toBe(last(Number(epc)));
      next = head;
      journal.close();
    }
    expect(next).toBeGreaterThan(ROUNDS * 10);
  }, 120_000);
});
