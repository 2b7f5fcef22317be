import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ManualClock } from "./manual-clock.js";
import { watchParent } from "./parent-watch.js";

/** Real processes need real JavaScript: the sources are compiled into a folder of this run's own. */
const workspace = join(dirname(fileURLToPath(import.meta.url)), "..");
const built = join(workspace, "dist", `test-${process.pid}`);
const script = join(built, "child.js");

const CHILD = `
import { createLogger } from "./log.js";
import { runProcess } from "./run-process.js";
const mode = process.argv[2];
const hang = () => new Promise(() => {});
await runProcess({
  name: "child",
  log: createLogger("child", { pretty: true, level: "info" }),
  build: async () => {
    if (mode === "no-build") throw new Error("no such reader", { cause: new Error("deep") });
    const beat = mode === "grand" ? undefined : setInterval(() => {}, 1000);
    return {
      name: "part",
      start: async () => {
        if (mode === "late-crash") setTimeout(() => { throw new Error("later"); }, 10);
      },
      stop: async () => {
        if (mode === "hang") await hang();
        if (mode === "bad-stop") throw new Error("stuck");
        clearInterval(beat);
      },
    };
  },
});
process.stdout.write("READY " + process.pid + "\\n");
`;

/** Starts a child that may be a parent too, and is killed outright. */
const SUPERVISOR = `
import { spawn } from "node:child_process";
const env = { ...process.env, STOREWARD_PARENT_PID: String(process.pid) };
spawn(process.execPath, [process.argv[2], "ok"], { stdio: "inherit", env });
setInterval(() => {}, 1000);
`;

const running = new Set<ChildProcess>();

beforeAll(() => {
  mkdirSync(built, { recursive: true });
  const tsc = join(workspace, "..", "..", "node_modules", "typescript", "bin", "tsc");
  const flags = ["--outDir", built, "--composite", "false", "--incremental", "false", "--tsBuildInfoFile", "null"];
  execFileSync(process.execPath, [tsc, "-p", workspace, ...flags], { stdio: "pipe" });
  writeFileSync(script, CHILD);
  writeFileSync(join(built, "supervisor.js"), SUPERVISOR);
});

afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(built, { recursive: true, force: true });
});

function start(mode: string, file = script) {
  const child = spawn(process.execPath, [file, mode], { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.once("exit", () => running.delete(child));
  let text = "";
  const waiting: { find: RegExp; found: (match: RegExpExecArray) => void }[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    for (const { find, found } of waiting) {
      const match = find.exec(text);
      if (match !== null) found(match);
    }
  });
  const closed = once(child, "close").then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
    text,
  }));
  const says = (find: RegExp) =>
    new Promise<RegExpExecArray>((found, failed) => {
      const match = find.exec(text);
      if (match !== null) return found(match);
      waiting.push({ find, found });
      void closed.then((end) => failed(new Error(`ended before it said ${find}: ${JSON.stringify(end)}`)));
    });
  return { child, closed, says };
}

describe("runProcess", () => {
  it("stops cleanly on SIGTERM and on SIGINT, and exits 0", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const { child, closed, says } = start("ok");
      await says(/READY/);
      child.kill(signal);
      const { code, text } = await closed;
      expect(code).toBe(0);
      expect(text).toContain(`child is stopping why=${signal}`);
      expect(text).toContain("child has stopped");
    }
  });

  it("exits at once with 130 on a second signal", async () => {
    const { child, closed, says } = start("hang");
    await says(/READY/);
    child.kill("SIGTERM");
    await says(/is stopping/);
    child.kill("SIGINT");
    expect((await closed).code).toBe(130);
  });

  it("logs what kept it from starting or stopping, or what nobody caught, and exits 1", async () => {
    const early = await start("no-build").closed;
    expect(early.code).toBe(1);
    expect(early.text).toContain("child did not start: no such reader, because deep");

    const crash = await start("late-crash").closed;
    expect(crash.code).toBe(1);
    expect(crash.text).toContain("child failed: later");

    const { child, closed, says } = start("bad-stop");
    await says(/READY/);
    child.kill("SIGTERM");
    const late = await closed;
    expect(late.code).toBe(1);
    expect(late.text).toContain("did not stop cleanly: stuck");
  });

  it("leaves no orphan when the process that started it is killed outright", async () => {
    const { child, closed, says } = start(script, join(built, "supervisor.js"));
    await says(/READY/);
    child.kill("SIGKILL");
    // The output closes when the grandchild, which shares it, has ended.
    const { signal, text } = await closed;
    expect(signal).toBe("SIGKILL");
    expect(text).toContain("the process that started it is gone");
    expect(text).toContain("child has stopped");
  });
});

describe("watchParent", () => {
  it("is asleep without the variable, quiet while the parent lives", async () => {
    const clock = new ManualClock();
    expect(watchParent(() => undefined, { env: {}, clock })).toBeUndefined();
    let gone = 0;
    const env = { STOREWARD_PARENT_PID: String(process.pid) };
    const watch = watchParent(() => gone++, { env, clock });
    await clock.advance(5000);
    expect(gone).toBe(0);
    watch?.stop();
    expect(clock.pending).toBe(0);
  });

  it("tells once when the parent has gone", async () => {
    const clock = new ManualClock();
    const parent = spawn(process.execPath, ["-e", ""]);
    let gone = 0;
    watchParent(() => gone++, { env: { STOREWARD_PARENT_PID: String(parent.pid) }, clock });
    await once(parent, "exit");
    await clock.advance(5000);
    expect(gone).toBe(1);
    expect(clock.pending).toBe(0);
  });
});
