import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
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

    it("stands between a client and a server, and says what has passed", async () => {
      const server = createServer((socket) => socket.pipe(socket));
      await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
      const { port } = server.address() as AddressInfo;
      const to = ["proxy", "--listen", "0", "--to", `127.0.0.1:${port}`];
      const schedule = join(folder, "weather.yaml");
      await writeFile(schedule, "steps:\n  - { after: 0, toxic: { kind: slicer, bytes: 2 } }\n");
      const wrong = sim([...to, "--toxic", "latency:ms=soon"]);
      const run = sim([...to, "--toxic", "latency:ms=30", "--schedule", schedule]);
      await expect.poll(() => run.output(), { timeout: 20_000 }).toMatch(/127\.0\.0\.1:\d+ leads to/);
      const client = connect(Number(/127\.0\.0\.1:(\d+) leads to/.exec(run.output())?.[1]), "127.0.0.1");
      let heard = "";
      client.on("data", (data) => {
        heard += String(data);
      });
      client.write("through all of it");
      await expect.poll(() => heard, { timeout: 5_000 }).toBe("through all of it");
      run.child.kill("SIGTERM");
      expect(await run.ended).toBe(0);
      expect(run.output()).toContain('"delivered":17');
      client.destroy();
      server.close();
      expect(await wrong.ended).toBe(2);
      expect(wrong.output()).toContain("--toxic cannot be 'latency:ms=soon'");
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
