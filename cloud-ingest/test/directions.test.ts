import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const SRC = join(dirname(fileURLToPath(import.meta.url)), "..", "src");

/**
 * The capabilities, each with those it may import, through their `index.ts` and never in a circle. What it may import it may also get by way
 * of another's types; what it may not, it takes as an interface.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  database: [],
  http: ["database"],
  backup: ["database"],
  broker: [],
  journal: ["database"],
  leases: ["database", "http"],
  live: ["database", "http"],
  audit: ["database", "http"],
  access: ["audit", "database", "http"],
  places: ["database", "http"],
  tags: ["audit", "database", "http", "journal", "places"],
  intake: ["database", "journal", "tags"],
  gateways: ["audit", "database", "http", "intake", "journal"],
  setbacks: ["audit", "database", "http", "intake", "journal"],
  sources: ["audit", "database", "http", "intake", "journal", "tags"],
  locations: ["database", "http", "journal", "live", "places", "tags"],
  catalog: ["audit", "database", "http", "locations", "places", "tags"],
  "time-series": ["database", "gateways", "http", "journal", "locations", "places"],
  alerts: ["audit", "database", "http", "journal", "locations", "places", "time-series"],
  archive: ["backup", "database", "journal", "rebuild"],
  rebuild: ["database", "gateways", "journal", "locations", "places", "tags", "time-series"],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly path: string;
}

function imports(): Import[] {
  const found: Import[] = [];
  for (const name of readdirSync(SRC, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts") || name.endsWith(".test.ts") || name.endsWith("testing.ts")) continue;
    const file = join(SRC, name);
    const [from = ""] = name.split(sep);
    if (from.endsWith(".ts")) continue;
    for (const [, target = ""] of readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      const [to = "", ...rest] = relative(SRC, join(dirname(file), target)).split(sep);
      if (to !== from) found.push({ file: name, from, to, path: rest.join("/") });
    }
  }
  return found;
}

describe("the capabilities of the cloud", () => {
  const all = imports();

  it("import each other in the allowed directions only", () => {
    const wrong = all
      .filter(({ from, to }) => !ALLOWED[from]?.includes(to))
      .map(({ file, to }) => `${file} imports ${to}`);
    expect(wrong).toEqual([]);
  });

  it("import each other through index.ts only, or types alone from types.ts", () => {
    const wrong = all
      .filter(({ path }) => !["index.js", "types.js"].includes(path))
      .map(({ file, to, path }) => `${file}: ${to}/${path}`);
    expect(wrong).toEqual([]);
  });

  it("are allowed no circle", () => {
    const reach = (from: string, path: readonly string[]): void => {
      expect(path).not.toContain(from);
      for (const to of ALLOWED[from] ?? []) reach(to, [...path, from]);
    };
    for (const from of Object.keys(ALLOWED)) reach(from, []);
  });

  it("are all listed, and nothing is listed that is not there", () => {
    const folders = readdirSync(SRC, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
    expect(Object.keys(ALLOWED).sort()).toEqual(folders.sort());
  });
});
