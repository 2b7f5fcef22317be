/**
 * Makes one file of each program, with what it loads late in files of their own beside it:
 *
 *     node .ci/programs.js                       of each workspace whose file is older than its modules: see protocol/runtime/src/start.ts
 *     node .ci/programs.js FOLDER WHOLE MAIN     FOLDER/WHOLE of the module FOLDER/MAIN and what it imports
 *
 * To find and read a thousand or two of small modules takes Node up to half of the time of a start. What is ours and what comes in many modules goes
 * into the file; all else is loaded from where it is installed.
 */
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

/** By workspace: the files in its `dist`, and the first module of each. */
const PROGRAMS = {
  "cloud-ingest": { "whole.js": "main.js" },
  "edge-agent": { "whole.js": "main.js" },
  provisioning: { "whole.js": "main.js" },
  "reader-simulators": { "whole.js": "main.js", "whole-box.js": "demo/main.js" },
};
/** Packages in many modules that need nothing of the folder they are in; and what the maker of the file itself puts in. */
const TAKEN_IN =
  /^(?:@storeward\/|typebox|kysely|nodemailer|uuidv7|@fastify\/type-provider-typebox|@oxc-project\/runtime\/)/;

const [folder, whole, main] = process.argv.slice(2);
if (folder === undefined || whole === undefined || main === undefined) await makeOld();
else await make(resolve(folder), { [whole]: main });

async function makeOld() {
  const { isFresh } = await import("../protocol/runtime/dist/start.js");
  const self = fileURLToPath(import.meta.url);
  for (const [workspace, programs] of Object.entries(PROGRAMS)) {
    const dist = fileURLToPath(new URL(`../${workspace}/dist`, import.meta.url));
    // Whoever has compiled a part of the repository makes the programs of that part.
    if (!Object.values(programs).every((main) => existsSync(join(dist, main)))) continue;
    const files = Object.keys(programs).map((name) => join(dist, name));
    if (files.every((file) => isFresh(pathToFileURL(file)) && statSync(file).mtimeMs >= statSync(self).mtimeMs))
      continue;
    for (const name of readdirSync(dist)) if (name.startsWith("whole")) rmSync(join(dist, name));
    await make(dist, programs);
  }
}

async function make(folder, programs) {
  const bundle = await rolldown({
    input: Object.fromEntries(
      Object.entries(programs).map(([whole, main]) => [whole.replace(/\.js$/, ""), join(folder, main)]),
    ),
    platform: "node",
    external: (id, importer) => staysOut(folder, id, importer),
    onLog(level, { message }) {
      if (level === "warn") throw new Error(message);
    },
  });
  await bundle.write({ dir: folder, format: "esm", entryFileNames: "[name].js", chunkFileNames: "whole-of-[name].js" });
  await bundle.close();
}

/** What stays out must be the same package for the program's file as for the module that asks for it. */
function staysOut(folder, id, importer) {
  if (/^[./]/.test(id) || TAKEN_IN.test(id)) return false;
  if (importer === undefined || isBuiltin(id)) return true;
  const found = resolvedFrom(importer, id);
  if (found !== undefined && found === resolvedFrom(join(folder, "whole.js"), id)) return true;
  throw new Error(`${id}, of ${importer}, is another package or none for ${folder}`);
}

function resolvedFrom(path, id) {
  try {
    return createRequire(path).resolve(id);
  } catch {
    return undefined;
  }
}
