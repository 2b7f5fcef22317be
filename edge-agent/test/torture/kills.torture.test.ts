import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AGENT_CRASH_POINTS } from "@storeward/runtime";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Compiled, compileAgent } from "../compiled.js";
import { killAgents } from "./kills.js";

const dir = mkdtempSync(join(tmpdir(), "storeward-kills-"));
let compiled: Compiled;
beforeAll(() => {
  compiled = compileAgent();
});
afterAll(() => {
  compiled.remove();
  rmSync(dir, { recursive: true, force: true });
});

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
