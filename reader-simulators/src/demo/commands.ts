import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineErrors } from "@storeward/runtime";

const E = defineErrors({
  BOX_COMMAND_MISSING: { template: "The command {name} is not installed: run npm ci in the project's folder" },
});

/** The script behind an installed command, found as npm links it: the box starts the other parts as anyone would. */
export function commandScript(name: string, from = dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const link = join(folder, "node_modules", ".bin", name);
    if (existsSync(link)) return realpathSync(link);
    if (folder === dirname(folder)) throw E.BOX_COMMAND_MISSING({ name });
  }
}
