import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const built = existsSync(join(root, "dist/main.js"));
const SITE = ["--site", join(root, "site/site.yaml"), "--items", join(root, "site/items.csv")];

const children: ChildProcess[] = [];
let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "storeward-sim-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

function sim(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [join(root, "bin/storeward-sim.js"), ...args], {
    env: { ...process.env, ...env },
  });
  children.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output += String(data);
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { child, ended, output: () => output };
}

describe.skipIf(!built && process.env.STOREWARD_REQUIRE_SERVERS !== "1")(
  "storeward-sim (skipped until it is built)",
  { timeout: 60_000 },
  () => {
    it("explains itself, and mistakes by the name of the option or the line of the file", async () => {
      const help = sim(["--help"]);
      const wrong = sim([...SITE, "--seed", "x"]);
      const check = sim([...SITE, "--check-config"]);
      const missing = sim([...SITE.slice(0, 2), "--items", join(folder, "none.csv"), "--check-config"]);
      expect(await help.ended).toBe(0);
      for (const option of ["site", "items", "seed", "pace", "state", "http", "ready-file", "llrp-port"]) {
        expect(help.output()).toContain(`--${option}`);
      }
      expect(await wrong.ended).toBe(2);
      expect(wrong.output()).toContain("--seed takes a whole number");
      expect(await check.ended).toBe(0);
      expect(await missing.ended).toBe(1);
      expect(missing.output()).toContain("none.csv");
    });

    it("says where its readers are, and ends when told, its state written", async () => {
      const state = join(folder, "state.json");
      const run = sim([...SITE, "--seed", "3", "--state", state, "--ready-file", join(folder, "ready.json")]);
      await expect.poll(() => existsSync(join(folder, "ready.json")), { timeout: 20_000 }).toBe(true);
      expect(run.output()).toMatch(/reader-shelf-a: LLRP at 127\.0\.0\.1:\d+/);
      expect(run.output()).toMatch(/reader-cabinet-b: metraTec AT (on pseudo-terminal \/dev\/|over TCP at tcp:)/);
      run.child.kill("SIGTERM");
      expect(await run.ended).toBe(0);
      expect(JSON.parse(await readFile(state, "utf8"))).toMatchObject({ version: 1, seed: 3 });
    });

    it("ends when the process that started it is gone", async () => {
      const parent = spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"]);
      children.push(parent);
      const ready = join(folder, "ready.json");
      const run = sim([...SITE, "--ready-file", ready], { STOREWARD_PARENT_PID: String(parent.pid) });
      await expect.poll(() => existsSync(ready), { timeout: 20_000 }).toBe(true);
      parent.kill("SIGKILL");
      expect(await run.ended).toBe(0);
    });
  },
);
