/** What a bench has in common with an agent that is installed: the flags of Node that its launcher gives. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const launcher = readFileSync(new URL("../../provisioning/archive/bin/storeward-edge", import.meta.url), "utf8");
const [, given] = /^exec "\$node" ((?:--\S+ )+)/m.exec(launcher) ?? [];
if (given === undefined) throw new Error("the launcher gives Node no flags in these words");
export const INSTALLED_FLAGS = given.trim().split(" ");

/** Runs the bench anew in a process with those flags, unless this is it. */
export function asInstalled(url) {
  if (INSTALLED_FLAGS.every((flag) => process.execArgv.includes(flag))) return;
  const args = [...process.execArgv, ...INSTALLED_FLAGS, fileURLToPath(url)];
  process.exit(spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1);
}
