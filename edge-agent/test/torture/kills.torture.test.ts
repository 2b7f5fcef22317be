import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AGENT_CRASH_POINTS } from "@storeward/runtime";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Compiled, compileAgent } from "../compiled.js";
import { killAgents } from "./kills.js";
import { killRepair, REPAIR_POINTS } from "./repairs.js";

const dir = mkdtempSync(join(tmpdir(), "storeward-kills-"));
let compiled: Compiled;
beforeAll(() => {
  compiled = compileAgent();
});
afterAll(() => {
  compiled.remove();
  rmSync(dir, { recursive: true, force: true });
});

const REPAIRS = 20;
const ROWS = 9_000;

it("50 SIGKILLs of the agent at random moments, and one at each labelled point, lose nothing and say nothing twice", async () => {
  const { wrong, rows, trimmed, kills } = await killAgents({
    compiled,
    dir,
    kills: 50,
    points: AGENT_CRASH_POINTS,
    leastRows: 25,
    lifeMs: 2_500,
  });
  console.log(
    `torture: kills: ${kills} of the agent, ${rows} rows given out, ${trimmed} of them trimmed meanwhile: sets equal`,
  );
  expect(wrong).toEqual([]);
  expect(trimmed).toBeGreaterThan(1_000);
});

it.each([
  ["fork", 8],
  ["salvage", 30],
] as const)("a %s that is killed again and again carries every row once", async (repair, pieces) => {
  const labels = REPAIR_POINTS[repair];
  const [during, ...ends] = labels;
  let kills = 0;
  for (let round = 0; round < REPAIRS; round++) {
    const count = () => 1 + Math.floor(Math.random() * pieces);
    // A fork goes on where it was stopped: of nine pieces some are left for the second kill. A salvage begins again.
    const first = { label: during, count: repair === "fork" ? 1 + Math.floor(Math.random() * 4) : count() };
    const points = [first, { ...first, count: 1 }, ...ends.map((label) => ({ label, count: 1 }))];
    kills += points.length;
    expect(await killRepair({ compiled, dir: join(dir, `${repair}-${round}`), repair, points, rows: ROWS })).toEqual(
      [],
    );
  }
  console.log(`torture: kills: ${kills} within ${REPAIRS} ${repair}s of ${ROWS} rows: every row carried once`);
});
