import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

/** Builds what the tests of the whole box start, once for all of them. */
export default function build(): void {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", "build"], {
    cwd: resolve(import.meta.dirname, "../../.."),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`);
}
