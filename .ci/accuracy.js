/**
 * Writes the tables of docs/accuracy.md: the filters and simpler rules beside the truth of the simulated hospital, 20 seeds under every
 * condition. Takes a quarter of an hour of one core; the figures are the same on every machine.
 *
 *     npm run accuracy                   # runs all seeds and writes the page
 *     npm run accuracy -- --keep FILE    # keeps the outcomes of each seed there; those that are in it are not run again
 *
 * Only the lines between `<!-- made by npm run accuracy -->` and `<!-- end -->` are written; the words around them are people's.
 */
import { spawnSync } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({ options: { keep: { type: "string" } } });

const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const { status } = spawnSync(
  process.execPath,
  [vitest, "run", "--project", "parts", "edge-agent/test/accuracy/page.test.ts"],
  {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      STOREWARD_ACCURACY_PAGE: join(root, "docs", "accuracy.md"),
      ...(values.keep === undefined ? {} : { STOREWARD_ACCURACY_KEEP: resolve(values.keep) }),
    },
  },
);
process.exit(status ?? 1);
