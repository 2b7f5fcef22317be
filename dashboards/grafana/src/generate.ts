import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { files } from "./files.js";

/* `npm run grafana` writes what Grafana is given; `-- --check` only says whether it is up to date, and exits with 1 where it is not. */

const out = join(dirname(fileURLToPath(import.meta.url)), "..", "generated");
const made = files();
if (process.argv.includes("--check")) {
  const there = existsSync(out) ? readdirSync(out, { recursive: true, withFileTypes: true }) : [];
  const names = there
    .filter((entry) => entry.isFile())
    .map((entry) => relative(out, join(entry.parentPath, entry.name)));
  const wrong = [...new Set([...made.keys(), ...names])].filter(
    (name) => !names.includes(name) || readFileSync(join(out, name), "utf8") !== made.get(name),
  );
  if (wrong.length > 0) {
    console.error(`not as npm run grafana makes it: ${wrong.join(", ")}`);
    process.exitCode = 1;
  }
} else {
  rmSync(out, { recursive: true, force: true });
  for (const [name, text] of made) {
    mkdirSync(dirname(join(out, name)), { recursive: true });
    writeFileSync(join(out, name), text);
  }
  console.log(`${made.size} files are in ${relative(process.cwd(), out)}`);
}
