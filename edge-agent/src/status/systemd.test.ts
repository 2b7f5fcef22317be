import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createLogger, ManualClock, systemClock } from "@storeward/runtime";
import { afterAll, describe, expect, it } from "vitest";
import { Systemd } from "./systemd.js";

const dir = mkdtempSync(join(tmpdir(), "storeward-systemd-"));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(dir, { recursive: true });
});
const log = createLogger("test", { level: "silent" });
const said = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 40_000; !holds(); await wait(10)) if (Date.now() > end) throw new Error("never");
}

/** A `systemd-notify` that writes down what it is told. */
function scribe(name: string): { env: NodeJS.ProcessEnv; heard: () => string[] } {
  const bin = mkdtempSync(join(dir, "bin-"));
  const notes = join(dir, name);
  writeFileSync(join(bin, "systemd-notify"), `#!/bin/sh\necho "$@" >> ${notes}\n`);
  chmodSync(join(bin, "systemd-notify"), 0o755);
  const env = { PATH: `${bin}:${process.env.PATH}`, NOTIFY_SOCKET: "/nowhere", WATCHDOG_USEC: "20000000" };
  return {
    env,
    heard: () =>
      said(notes)
        .split("\n")
        .filter((line) => line !== ""),
  };
}

describe("systemd", () => {
  it("hears that the agent is ready, beats twice in the watchdog's time, and stops", async () => {
    const { env, heard } = scribe("all");
    const clock = new ManualClock();
    const systemd = new Systemd({ env, stuck: () => undefined, clock, log });
    await systemd.start();
    expect(heard()).toEqual(["READY=1 STATUS=Reading"]);
    await clock.advance(9_999);
    expect(heard()).toHaveLength(1);
    await clock.advance(1);
    await until(() => heard().length === 2);
    // What is written may be there before its writer has ended, and no beat begins while another is on its way.
    for (const lines of [3, 4])
      for (const end = Date.now() + 40_000; heard().length < lines && Date.now() < end; await wait(10))
        await clock.advance(10_000);
    await systemd.stop();
    expect(heard().slice(1)).toEqual(["WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"]);
    expect(clock.pending).toBe(0);
  });

  it("hears no beat while nothing is done", async () => {
    const { env, heard } = scribe("stuck");
    const clock = new ManualClock();
    const systemd = new Systemd({ env, stuck: () => "The journal has not answered for 20 s", clock, log });
    await systemd.start();
    await clock.advance(60_000);
    await systemd.stop();
    expect(heard()).toEqual(["READY=1 STATUS=Reading", "STOPPING=1"]);
  });

  it("that is not there, or does not listen, keeps nothing from running", async () => {
    const clock = new ManualClock();
    const alone = new Systemd({ env: {}, stuck: () => undefined, clock, log });
    await alone.start();
    expect(clock.pending).toBe(0);
    await alone.stop();
    const without = new Systemd({
      env: { PATH: "/nowhere", NOTIFY_SOCKET: "/nowhere" },
      stuck: () => undefined,
      clock,
      log,
    });
    await without.start();
    await without.stop();
  });

  const real = [
    ["systemd-notify", "--version"],
    ["socat", "-V"],
  ].every(([name = "", option = ""]) => spawnSync(name, [option]).error === undefined);
  it.skipIf(!real)("is spoken to as it is (skipped where systemd-notify or socat is not installed)", async () => {
    const socket = join(dir, "notify");
    const heard = join(dir, "heard");
    children.push(spawn("socat", ["-u", `UNIX-RECV:${socket}`, `CREATE:${heard}`], { stdio: "ignore" }));
    await until(() => existsSync(socket));
    const env = { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: "400000" };
    const systemd = new Systemd({ env, stuck: () => undefined, clock: systemClock, log });
    // socat does not answer the barrier that systemd-notify waits for: its limit ends that.
    void systemd.start();
    await until(() => said(heard).includes("READY=1"));
    expect(said(heard)).toContain("STATUS=Reading");
  });
});
