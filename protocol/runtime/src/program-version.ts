import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** The version in the nearest package.json above the running script; "unknown" when there is none. */
export function programVersion(script: string | undefined = process.argv[1]): string {
  if (script === undefined) return "unknown";
  for (let dir = dirname(realpathSync(script)); ; dir = dirname(dir)) {
    try {
      const parsed: unknown = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
      if (typeof parsed === "object" && parsed !== null && "version" in parsed) return String(parsed.version);
    } catch {
      // not in this folder: look in the one above
    }
    if (dir === dirname(dir)) return "unknown";
  }
}
