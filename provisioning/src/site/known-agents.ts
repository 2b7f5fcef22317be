import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** The agents that have a folder from an earlier run. */
export async function knownAgents(root: string): Promise<string[]> {
  const entries = await readdir(join(root, "agents"), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
