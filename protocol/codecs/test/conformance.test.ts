import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { epcSchemes } from "../src/epc/index.js";
import { identifiers } from "../src/gs1/index.js";
import { isbtStructures } from "../src/gs1/tables/isbt.js";
import { table } from "../src/llrp/tables/index.js";

/*
 * `npm run conformance` writes docs/conformance.md from a run of these tests, and `-- --check` compares it. This much is
 * cheap enough for every run: the page names what the tables hold, and nothing else.
 */

const page = readFileSync(new URL("../../../docs/conformance.md", import.meta.url), "utf8");

/** The first cells of the rows of a table of the page. */
function namesIn(section: string): string[] {
  const from = page.indexOf(`<!-- made by npm run conformance: ${section} -->`);
  const lines = page.slice(from, page.indexOf("<!-- end -->", from)).split("\n");
  return lines.flatMap((line) => /^\| `(.+?)` \|/.exec(line)?.[1]?.replaceAll("\\|", "|") ?? []);
}

describe("docs/conformance.md", () => {
  it.each([
    ["LLRP messages", Object.keys(table.messages)],
    ["LLRP parameters", Object.keys(table.parameters)],
    ["EPC schemes", Object.keys(epcSchemes)],
    ["GS1 Application Identifiers", identifiers().map(({ ai, title }) => `(${ai}) ${title}`.trim())],
    ["ISBT 128 data structures", Object.entries(isbtStructures).map(([ai, { title }]) => `${ai} ${title}`)],
  ])("has all %s of the tables, each with a test (npm run conformance writes it)", (section, names) => {
    expect(namesIn(section)).toEqual(names);
  });

  it("has nothing that no test covers", () => {
    expect(page.split("\n").filter((line) => line.endsWith("**not covered** |"))).toEqual([]);
  });
});
