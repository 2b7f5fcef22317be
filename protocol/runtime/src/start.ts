import { statSync } from "node:fs";

/* Loads nothing else: it runs before everything of a program does. */

/** What programs stand on, and what npm writes when it has changed `node_modules`. Where a release is installed none of it is there. */
const UNDER_ALL = [
  "../../codecs/dist/.tsbuildinfo",
  "../../contracts/dist/.tsbuildinfo",
  "../dist/.tsbuildinfo",
  "../../../node_modules/.package-lock.json",
].map((path) => new URL(path, import.meta.url));

/**
 * Runs the program of the package in whose `bin` folder the script `bin` (a URL) is: `dist/WHOLE`, the one file that `.ci/programs.js` has made of
 * all its modules and that starts in half the time, or `dist/MAIN`, its first module, where that file is missing or older than a module.
 */
export async function start(bin: string, whole = "whole.js", main = "main.js"): Promise<void> {
  const dist = new URL("../dist/", bin);
  const first = new URL(isFresh(new URL(whole, dist)) ? whole : main, dist);
  await import(first.href);
}

/** Whether the file of a whole program is there, and nothing it was made of has been written since. */
export function isFresh(whole: URL): boolean {
  const made = writtenAt(whole);
  return (
    made !== undefined && [new URL(".tsbuildinfo", whole), ...UNDER_ALL].every((url) => (writtenAt(url) ?? 0) <= made)
  );
}

function writtenAt(url: URL): number | undefined {
  return statSync(url, { throwIfNoEntry: false })?.mtimeMs;
}
