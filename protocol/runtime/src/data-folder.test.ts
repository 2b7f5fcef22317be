import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { lockDataFolder } from "./data-folder.js";
import { identifyProcess } from "./process-identity.js";

const root = mkdtempSync(join(tmpdir(), "storeward-lock-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const folder = (): string => join(root, String(folders++), "data");

describe("lockDataFolder", () => {
  it("makes the folder, private, and refuses a second start with the first one's pid and what to do", async () => {
    const dir = folder();
    const lock = await lockDataFolder(dir, "edge");
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    const second = lockDataFolder(dir, "edge");
    await expect(second).rejects.toMatchObject({ code: "DATA_FOLDER_IN_USE", params: { pid: process.pid } });
    await expect(second).rejects.toThrow(/stop that process, or use another data folder/);
    expect(readdirSync(dir)).toHaveLength(1);
    await lock.release();
    await lock.release();
    expect(readdirSync(dir)).toEqual([]);
    await (await lockDataFolder(dir, "edge")).release();
  });

  it("keeps programs of different names apart, also when one name begins with the other", async () => {
    const dir = folder();
    const locks = await Promise.all(["edge", "edge-two", "cloud"].map((name) => lockDataFolder(dir, name)));
    await Promise.all(locks.map((lock) => lock.release()));
  });

  it("takes over from a process that is gone, and from another that has got its pid", async () => {
    const dir = folder();
    await (await lockDataFolder(dir, "edge")).release();
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    writeFileSync(join(dir, `edge.lock.${child.pid}.123.00000000000001-aaaaaaaa`), "");
    if (identifyProcess(process.pid).started !== undefined) {
      writeFileSync(join(dir, `edge.lock.${process.pid}.1.00000000000001-bbbbbbbb`), "");
    }
    const lock = await lockDataFolder(dir, "edge");
    expect(readdirSync(dir)).toHaveLength(1);
    await lock.release();
  });

  it("lets exactly one of many that start at once have the folder", async () => {
    for (let round = 0; round < 5; round++) {
      const dir = folder();
      const results = await Promise.allSettled(Array.from({ length: 6 }, () => lockDataFolder(dir, "edge")));
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(readdirSync(dir)).toHaveLength(1);
    }
  });
});

describe("identifyProcess", () => {
  it("knows a living process by its start, an ended one, and a zombie", async () => {
    const own = identifyProcess(process.pid);
    expect(own.alive).toBe(true);
    expect(identifyProcess(process.pid)).toEqual(own);
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    expect(identifyProcess(child.pid!)).toEqual({ alive: false });
  });
});
