import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { start } from "./start.js";

/** Later than all that this package and those beside it were made of. */
const MADE = new Date(Date.now() + 3600_000);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "storeward-start-"));
  mkdirSync(join(folder, "dist"));
  program("main.js");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, at = MADE): void {
  const file = join(folder, "dist", name);
  writeFileSync(file, `globalThis.startedFrom = ${JSON.stringify(name)};`);
  utimesSync(file, at, at);
}

async function started(): Promise<unknown> {
  await start(pathToFileURL(join(folder, "bin", "program.js")).href);
  return (globalThis as { startedFrom?: unknown }).startedFrom;
}

describe("a program", () => {
  it("runs from the file of all its modules", async () => {
    program("whole.js");
    program(".tsbuildinfo", new Date(MADE.getTime() - 1000));
    expect(await started()).toBe("whole.js");
  });

  it("runs from its modules where no such file was made", async () => {
    expect(await started()).toBe("main.js");
  });

  it("runs from its modules when one of them was made again after the file", async () => {
    program("whole.js");
    program(".tsbuildinfo", new Date(MADE.getTime() + 1000));
    expect(await started()).toBe("main.js");
  });

  it("runs from its modules when the file is older than the packages it stands on", async () => {
    program("whole.js", new Date(0));
    expect(await started()).toBe("main.js");
  });
});
