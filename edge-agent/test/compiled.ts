import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const PACKAGES = ["codecs", "contracts", "runtime"];

/** The agent as JavaScript, for tests of real processes. */
export interface Compiled {
  /** `src/whole.js`, the program, and its modules, below. */
  readonly agent: string;
  remove(): void;
}

/**
 * Compiles the agent and what it stands on into a folder of this process's own: real processes need real JavaScript, and another test or
 * a build may be writing `dist` at this moment.
 */
export function compileAgent(): Compiled {
  const out = join(repository, "edge-agent", "dist", `test-${process.pid}`);
  mkdirSync(join(out, "node_modules", "@storeward"), { recursive: true });
  const config = join(out, "tsconfig.json");
  const sources = [...PACKAGES.map((name) => `protocol/${name}/src`), "edge-agent/src"].map((path) =>
    join(repository, path),
  );
  const compilerOptions = { rootDir: repository, outDir: out, noCheck: true, types: [] };
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(repository, "tsconfig.base.json"),
      compilerOptions,
      include: sources,
      exclude: ["**/*.test.ts"].map((path) => join(repository, path)),
    }),
  );
  const tsc = join(repository, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", config], { stdio: "pipe" });
  const manifest = JSON.stringify({ type: "module", version: "0.0.0-test", exports: exportsOf() });
  for (const name of PACKAGES) {
    writeFileSync(join(out, "protocol", name, "package.json"), manifest);
    symlinkSync(join(out, "protocol", name), join(out, "node_modules", "@storeward", name));
  }
  const agent = join(out, "edge-agent");
  writeFileSync(join(agent, "package.json"), manifest);
  // As it is installed: in one file, which starts in half the time.
  const programs = join(repository, ".ci", "programs.js");
  execFileSync(process.execPath, [programs, join(agent, "src"), "whole.js", "main.js"], { stdio: "pipe" });
  return { agent, remove: () => rmSync(out, { recursive: true, force: true }) };
}

/** As in the packages' own manifests, without `dist`. */
function exportsOf(): Record<string, string> {
  const codecs = Object.fromEntries(
    ["llrp", "epc", "epc-pattern"].map((name) => [`./${name}`, `./src/${name}/index.js`]),
  );
  return { ".": "./src/index.js", ...codecs };
}
