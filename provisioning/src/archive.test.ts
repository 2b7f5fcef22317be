import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { folder } from "./testing.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const dir = folder();
afterAll(() => dir.remove());
const node = (...args: string[]) => spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });

describe("the archive of the device", () => {
  it("holds what the agent runs with, and nothing that only builds or tests it", () => {
    const { status, stdout } = node(".ci/package.js", "--list");
    expect(status).toBe(0);
    const packages = stdout.split("\n").map((line) => line.split(" ")[0]);
    for (const needed of [
      "@storeward/edge-agent",
      "@storeward/codecs",
      "better-sqlite3",
      "@serialport/bindings-cpp",
      "mqtt",
      "prom-client",
      "pino",
    ])
      expect(packages).toContain(needed);
    for (const other of [
      "aedes",
      "typescript",
      "vitest",
      "prebuild-install",
      "@types/node",
      "@storeward/reader-simulators",
      "pg",
    ])
      expect(packages).not.toContain(other);
    expect(stdout).not.toMatch(/ 0 files/);
  });

  it("for another machine is not made without that machine's SQLite", () => {
    const platform = process.platform === "linux" && process.arch === "arm64" ? "linux-x64" : "linux-arm64";
    const { status, stderr } = node(".ci/package.js", "--platform", platform, "--out", dir.path);
    expect([status, stderr]).toEqual([1, expect.stringContaining("--sqlite FILE")]);
  });

  /** An archive that is made for such a machine, whose agent says that it was started. */
  const unpacked = (name: string, made: object) => {
    const at = join(dir.path, name);
    cpSync(join(root, "provisioning", "archive"), at, { recursive: true });
    const dist = join(at, "node_modules", "@storeward", "edge-agent", "dist");
    mkdirSync(dist, { recursive: true });
    writeFileSync(
      join(dist, "whole.js"),
      'process.stdout.write(["started", ...process.argv.slice(2), process.execArgv].join(" "));',
    );
    writeFileSync(join(at, "package.json"), JSON.stringify({ type: "module", storeward: made }));
    return at;
  };
  const here = {
    platform: `${process.platform}-${process.arch}`,
    node: process.versions.node,
    abi: process.versions.modules,
  };
  const start = (command: string, ...args: string[]) => spawnSync(command, args, { encoding: "utf8", cwd: "/" });

  it("starts the agent from any folder and by a link, with little memory", () => {
    const at = unpacked("good", here);
    const link = join(dir.path, "link");
    symlinkSync(join(at, "bin", "storeward-edge"), link);
    for (const command of [join(at, "bin", "storeward-edge"), link])
      expect(start(command, "--config", "a b")).toMatchObject({
        status: 0,
        stdout: "started --config a b --max-semi-space-size=8,--heap-growing-percent=50",
      });
  });

  it.each([
    ["another Node", { ...here, abi: "1" }],
    ["another machine", { ...here, platform: "plan9-mips" }],
  ])("made for %s says so, and starts nothing", (name, made) => {
    const { status, stdout, stderr } = start(join(unpacked(name.replace(" ", "-"), made), "bin", "storeward-edge"));
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("take the archive made for it");
  });
});
