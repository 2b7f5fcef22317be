import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@storeward/runtime";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openDatabase } from "../open.js";
import { homeOf } from "./placement.js";
import { runningPostmaster } from "./postmaster.js";
import { EmbeddedPostgres, runningConnection } from "./server.js";

const log = createLogger("test", { level: "silent" });
const folders: string[] = [];
const isRoot = process.getuid?.() === 0;

function dataFolder(parent = tmpdir()): string {
  const folder = mkdtempSync(join(parent, "storeward-pg-"));
  folders.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) {
    const home = homeOf(folder);
    for (const path of [folder, ...(home === undefined ? [] : [home])]) rmSync(path, { recursive: true, force: true });
  }
});

const postmasterOf = (data: string) => runningPostmaster(join(homeOf(data) ?? "", "postgres"));

// Every one makes a database of its own: seconds on a busy machine.
describe("the embedded server", { timeout: 90_000 }, () => {
  it("heals by itself when it is killed in the middle, and what was committed is there", async () => {
    const data = dataFolder();
    const db = openDatabase({ data, log, fsync: false });
    await db.start();
    await db.query("CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 100)");
    const first = postmasterOf(data);
    process.kill(first!.pid, "SIGKILL");
    const healed = async () => {
      expect(postmasterOf(data)?.pid ?? first?.pid).not.toBe(first?.pid);
      expect(await db.query("SELECT count(*) FROM t")).toEqual([{ count: 100 }]);
    };
    await vi.waitFor(healed, { timeout: 30_000, interval: 100 });
    await db.stop();
    expect(postmasterOf(data)).toBeUndefined();

    // A pid file that names a process which is something else by now, as after a restart of a container.
    writeFileSync(join(homeOf(data) ?? "", "postgres", "postmaster.pid"), `${process.pid}\n${data}\n`);
    await db.start();
    expect(await db.query("SELECT count(*) FROM t")).toEqual([{ count: 100 }]);
    await db.stop();
  });

  it("ends with the process that started it, even when that is killed", async () => {
    const data = dataFolder();
    const server = new EmbeddedPostgres({ data, log, fsync: false });
    await server.start();
    expect(runningConnection(data)).toMatchObject({ port: 5432, user: "storeward" });
    await server.stop();
    expect(runningConnection(data)).toBeUndefined();
    // The very command by which it is run, under a process that is killed.
    const { pid } = await serverUnder(data);
    const left = await vi.waitFor(() => {
      const found = postmasterOf(data);
      if (found === undefined) throw new Error("not yet");
      return found;
    }, 30_000);
    process.kill(pid, "SIGKILL");
    await vi.waitFor(() => expect(() => process.kill(left.pid, 0)).toThrow(), 30_000);
  });

  it("has its socket elsewhere where the path of the data folder is too long for one", async () => {
    const parent = dataFolder();
    chmodSync(parent, 0o755);
    const data = join(parent, "x".repeat(120));
    mkdirSync(data);
    const server = new EmbeddedPostgres({ data, log, fsync: false });
    await server.start();
    const connection = server.connection();
    expect("host" in connection && connection.host.length).toBeLessThan(80);
    await server.stop();
    expect("host" in connection && existsSync(connection.host)).toBe(false);
  });

  it.skipIf(!isRoot)(
    "is placed where its account can reach it when the data folder is under a private home",
    async () => {
      const home = dataFolder();
      chmodSync(home, 0o700);
      const data = join(home, "data");
      mkdirSync(data);
      folders.push(data);
      const db = openDatabase({ data, log, fsync: false });
      await db.start();
      await db.query("CREATE TABLE kept (n int)");
      const place = readFileSync(join(data, "postgres.location"), "utf8").trim();
      expect(place.startsWith(home)).toBe(false);
      await db.stop();
      await db.start();
      expect(await db.query("SELECT count(*) FROM kept")).toEqual([{ count: 0 }]);
      await db.stop();

      // Files of another release of PostgreSQL are not touched.
      writeFileSync(join(place, "postgres", "PG_VERSION"), "11\n");
      await expect(db.start()).rejects.toMatchObject({ code: "EMBEDDED_VERSION" });

      // A data folder that was emptied begins anew, and what nobody points to any more is removed.
      rmSync(join(data, "postgres.location"));
      await db.start();
      expect(await db.query("SELECT to_regclass('kept') AS t")).toEqual([{ t: null }]);
      expect(existsSync(place)).toBe(false);
      await db.stop();
    },
  );
});

/** A process that starts the server as we do and does nothing else. */
async function serverUnder(data: string): Promise<{ pid: number }> {
  const { WATCHDOG } = await import("./watchdog.js");
  const { place } = await import("./placement.js");
  const { identity } = await import("./cluster.js");
  const { native, home, account } = await place(data);
  const command = [join(native, "bin", "postgres"), "-D", join(home, "postgres"), "-c", "listen_addresses="];
  command.push("-c", `unix_socket_directories=${join(home, "run")}`);
  const options = {
    ...identity(account),
    cwd: join(home, "postgres"),
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  };
  const code = `
    const { spawn } = require("node:child_process");
    spawn("/bin/sh", ["-c", ${JSON.stringify(WATCHDOG)}, "test", ...${JSON.stringify(command)}], ${JSON.stringify(options)});
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["-e", code], { stdio: "ignore" });
  return { pid: child.pid ?? 0 };
}
