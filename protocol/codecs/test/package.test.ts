import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { examples } from "./readme.js";

/*
 * The package as somebody else gets it: built and packed beside the repository, installed from the tarball into an empty
 * folder without network.
 */

const root = fileURLToPath(new URL("../../..", import.meta.url));
const codecs = join(root, "protocol", "codecs");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

const folder = mkdtempSync(join(tmpdir(), "storeward-package-"));
const app = join(folder, "app");
let files: readonly string[] = [];

function npm(cwd: string, ...args: string[]): string {
  // npm asks for newer versions of itself where it may.
  const env = { ...process.env, npm_config_update_notifier: "false" };
  return execFileSync("npm", args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

beforeAll(() => {
  const copy = join(folder, "protocol", "codecs");
  const left = ["dist", "node_modules", "test", "bench"].map((name) => join(codecs, name));
  cpSync(codecs, copy, { recursive: true, filter: (source) => !left.includes(source) });
  cpSync(join(root, "tsconfig.base.json"), join(folder, "tsconfig.base.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  execFileSync(process.execPath, [tsc, "-b", copy]);
  rmSync(join(folder, "node_modules"));
  const [packed] = JSON.parse(npm(copy, "pack", "--json", "--ignore-scripts", "--pack-destination", folder));
  files = packed.files.map(({ path }: { path: string }) => path);
  mkdirSync(app);
  writeFileSync(join(app, "package.json"), '{ "name": "app", "type": "module", "private": true }');
  npm(app, "install", "--offline", "--no-audit", "--no-fund", join(folder, packed.filename));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the package", () => {
  it("holds what it needs and no tests, and brings nothing along", () => {
    for (const file of ["LICENSE", "NOTICE", "README.md", "dist/llrp/index.js", "dist/epc/index.d.ts"]) {
      expect(files).toContain(file);
    }
    expect(files.filter((file) => /\.test\.|tsbuildinfo|^(test|bench)\//.test(file))).toEqual([]);
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(codecs, "package.json"), "utf8"));
    expect([dependencies, peerDependencies]).toEqual([undefined, undefined]);
  });

  it.each(["LICENSE", "NOTICE"])("has the repository's %s", (name) => {
    expect(readFileSync(join(codecs, name), "utf8")).toBe(readFileSync(join(root, name), "utf8"));
  });

  it("has entries for each codec, with types that need neither Node's nor the browser's", () => {
    const written = examples.map(({ code }, index) => {
      const file = `example-${index + 1}.ts`;
      const check = "declare function expect(value: unknown): { toEqual(expected: unknown): void };\n";
      writeFileSync(join(app, file), check + code);
      return file;
    });
    const options = ["--strict", "--module", "nodenext", "--target", "es2023", "--lib", "es2023", "--types", ""];
    const { stdout, status } = spawnSync(process.execPath, [tsc, ...options, "--outDir", "out", ...written], {
      cwd: app,
      encoding: "utf8",
    });
    expect([stdout, status]).toEqual(["", 0]);
  });

  it.each(examples.map(({ title }, index) => [title, index] as const))("runs the README's example %s", (_, index) => {
    const equal = `import { deepStrictEqual } from "node:assert";
globalThis.expect = (value) => ({ toEqual: (expected) => deepStrictEqual(value, expected) });
await import("./out/example-${index + 1}.js");`;
    execFileSync(process.execPath, ["--input-type=module", "--eval", equal], { cwd: app, stdio: "pipe" });
  });

  it.each(["llrp", "epc", "gs1"])("has the command storeward-%s", (name) => {
    const command = join(app, "node_modules", ".bin", `storeward-${name}`);
    const run = (...args: string[]) => spawnSync(command, args, { encoding: "utf8", input: "" });
    expect(run("--help")).toMatchObject({
      status: 0,
      stderr: "",
      stdout: expect.stringContaining(`storeward-${name}: `),
    });
    expect(run("--version").stdout).toMatch(/^storeward-\w+ \d+\.\d+\.\d+\n$/);
    expect(run()).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining("say ") });
  });

  it("has commands that end quietly where nobody reads on", () => {
    const lines = "3066C4409047E140075BCD15\n".repeat(20_000);
    const command = join(app, "node_modules", ".bin", "storeward-epc");
    const { stdout, stderr } = spawnSync("sh", ["-c", `"${command}" decode - | head -n 1`], {
      encoding: "utf8",
      input: lines,
    });
    expect([stdout, stderr]).toEqual(["3066C4409047E140075BCD15\n", ""]);
  });
});
