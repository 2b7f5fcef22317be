import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/*
 * Builds the web app when what it is made of has changed since the last build. Compared by content and not by time of change: a checkout
 * gives old files new times, and a deleted file has none.
 */

const dashboards = fileURLToPath(new URL("..", import.meta.url));
const web = join(dashboards, "web");
const dist = join(dashboards, "dist");
/** Names the versions of all that is built in and built with. */
const lock = join(dashboards, "../package-lock.json");
const stamp = join(dist, ".sources");

const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.includes(".test."))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

function fingerprint() {
  const hash = createHash("sha256");
  for (const file of [...files(web), join(dashboards, "vite.config.js"), lock].filter((path) => existsSync(path)))
    hash
      .update(`${relative(dashboards, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  return hash.digest("hex");
}

const wanted = fingerprint();
const built =
  existsSync(join(dist, "index.html")) && existsSync(stamp) ? readFileSync(stamp, "utf8").trim() : undefined;
if (built !== wanted) {
  // A build that fails half-way must not pass for a fresh one.
  rmSync(stamp, { force: true });
  const { build } = await import("vite");
  await build({ configFile: join(dashboards, "vite.config.js"), logLevel: "warn" });
  writeFileSync(stamp, `${wanted}\n`);
}
