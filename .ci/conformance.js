/**
 * Writes the tables of docs/conformance.md: what the codecs know, from their tables, each with the tests that have just shown
 * it, from a run of those tests. What no passing test shows stands there as "not covered", and the exit code is 1.
 *
 *     npm run conformance             # writes the page
 *     npm run conformance -- --check  # fails where the page is not what a run gives
 *
 * Only the lines between `<!-- made by npm run conformance: NAME -->` and `<!-- end -->` are written; the words around them are
 * people's. Nothing that needs files from outside the repository is cited, so a clean clone gives the same page. tshark, which
 * is cited, must be installed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const codecs = join(root, "protocol", "codecs");
const page = join(root, "docs", "conformance.md");
const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });

node([join(root, "node_modules", "typescript", "bin", "tsc"), "-b", codecs]);
const built = (path) => import(join(codecs, "dist", path));
const { table } = await built("llrp/tables/index.js");
const { schemes } = await built("epc/schemes.js");
const { identifiers } = await built("gs1/index.js");
const { isbtStructures } = await built("gs1/tables/isbt.js");

const ROUND_TRIP = "src/llrp/round-trip.test.ts";
const EPC_ROUND_TRIP = "src/epc/round-trip.test.ts";
const hex = (number) => number.toString(16).toUpperCase().padStart(2, "0");
const numberOf = ({ type, tv, tlv, custom }) =>
  custom?.join("/") ?? type ?? (tv === undefined ? `TLV ${tlv}` : `TV ${tv}`);

/**
 * What the page has a table of. A test has a file and a title, in which … stands for the item's name and * for any text; an
 * `also` may be missing for an item, as where another program knows only some of them.
 */
const sections = {
  "LLRP messages": {
    columns: ["message", "number"],
    items: Object.entries(table.messages).map(([name, row]) => [name, numberOf(row)]),
    tests: [
      { file: ROUND_TRIP, title: "… decodes to what was encoded, whatever its fields hold" },
      { file: "src/cli/llrp.test.ts", title: "… comes through JSON without loss" },
      ...["1.0.1", "1.1"].map((version) => ({
        file: "test/llrp-tshark.test.ts",
        title: `shows … of LLRP ${version} with the same fields and parameters at the same places`,
        also: true,
      })),
    ],
  },
  "LLRP parameters": {
    columns: ["parameter", "number"],
    items: Object.entries(table.parameters).map(([name, row]) => [name, numberOf(row)]),
    tests: [{ file: ROUND_TRIP, title: "… decodes to what was encoded, under the number that the table says" }],
  },
  "EPC schemes": {
    columns: ["scheme", "header"],
    items: Object.entries(schemes).map(([name, { header }]) => [name, hex(header)]),
    tests: [
      { file: EPC_ROUND_TRIP, title: "…: give back what was encoded, whatever it holds" },
      { file: EPC_ROUND_TRIP, title: "…: hold every filter value with every length of the company prefix" },
      { file: EPC_ROUND_TRIP, title: "…: give the same EPC from each of its forms" },
      {
        file: EPC_ROUND_TRIP,
        title: "…: refuse bits with a reason, or write the same bits, or say that they are not the canonical ones",
      },
      ...["… * decodes to its element string and URIs", "… encodes to *", "… * is the same from every form"].map(
        (title) => ({ file: "src/epc/annex-e.test.ts", title, also: true }),
      ),
      {
        file: "src/epc/peer.test.ts",
        title: "and this codec give any … of every partition the same tag URI, or this one refuses it",
        also: true,
      },
      { file: "src/epc/peer.test.ts", title: "and this codec give every partition of … the same tag URI", also: true },
    ],
  },
  "GS1 Application Identifiers": {
    columns: ["identifier", "format"],
    items: identifiers().map(({ ai, title, format }) => [`(${ai}) ${title}`.trim(), `\`${format}\``]),
    tests: [{ file: "src/gs1/identifiers.test.ts", title: "… accepts what its format allows and refuses the rest" }],
  },
  "ISBT 128 data structures": {
    columns: ["structure", "characters"],
    items: Object.entries(isbtStructures).map(([ai, { title, length }]) => [`${ai} ${title}`, length]),
    tests: [
      {
        file: "src/gs1/isbt.test.ts",
        title: "… is read whole, alone and before another, and refused where it is cut off",
      },
    ],
  },
  "HIBC secondary data": {
    columns: ["form"],
    names: /^(.+): as in /,
    tests: [{ file: "src/gs1/hibc.test.ts", title: "…: as in *" }],
  },
  "NDC forms": {
    columns: ["form"],
    names: /^(.+?)(?: is read, and is part of its GTIN|(?: is| gives it back) among its readings)$/,
    tests: [
      { file: "src/gs1/ndc.test.ts", title: "… is read, and is part of its GTIN", also: true },
      { file: "src/gs1/ndc.test.ts", title: "… is among its readings", also: true },
      { file: "src/gs1/ndc.test.ts", title: "… gives it back among its readings", also: true },
    ],
  },
};

const peers = ["test/llrpjs.test.ts", "src/epc/peer.test.ts", "src/gs1/peer.test.ts"];
const cited = Object.values(sections).flatMap(({ tests }) => tests.map(({ file }) => file));
const results = run([...new Set([...cited, ...peers])]);
const uncovered = [];

const made = new Map(Object.entries(sections).map(([name, section]) => [name, tableOf(name, section)]));
const shown = differences();
for (const peer of new Set(shown.map(({ peer }) => peer))) {
  made.set(peer, differencesOf(shown.filter((difference) => difference.peer === peer)));
}

const before = readFileSync(page, "utf8");
const after = fill(before);
for (const item of uncovered) console.error(`not covered by a test that passes: ${item}`);
if (uncovered.length > 0) {
  console.error("`STOREWARD_REQUIRE_SERVERS=1 npx vitest run protocol/codecs` says why");
  process.exitCode = 1;
}
if (!values.check) writeFileSync(page, after);
else if (before !== after) {
  const [old, lines] = [before, after].map((text) => text.split("\n"));
  const at = lines.findIndex((line, index) => line !== old[index]);
  console.error(
    `${relative(root, page)} is not what the tests give. Line ${at + 1}:\n  there    ${old[at]}\n  a run    ${lines[at]}`,
  );
  console.error("npm run conformance writes it");
  process.exitCode = 1;
}

/** Runs the tests of these files; every test by its file. */
function run(files) {
  const folder = mkdtempSync(join(tmpdir(), "storeward-conformance-"));
  try {
    const outputFile = join(folder, "results.json");
    const args = ["run", "--project", "parts", "--reporter", "json", "--outputFile", outputFile];
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    // What is cited may not be skipped.
    const env = { ...process.env, STOREWARD_REQUIRE_SERVERS: "1" };
    const stdio = ["ignore", "ignore", "inherit"];
    spawnSync(process.execPath, [vitest, ...args, ...files.map((file) => join(codecs, file))], {
      cwd: root,
      env,
      stdio,
    });
    if (!existsSync(outputFile)) throw new Error("the tests did not run");
    const { testResults } = JSON.parse(readFileSync(outputFile, "utf8"));
    return new Map(testResults.map(({ name, assertionResults }) => [relative(codecs, name), assertionResults]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function node(args) {
  if (spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" }).status !== 0) process.exit(1);
}

/** What tests there are, by letters, and the items with the letters of the tests that have passed for them. */
function tableOf(name, { columns, items, names, tests }) {
  const rows = items ?? namesIn(tests, names).map((item) => [item]);
  const used = new Set();
  const lines = rows.map(([item, ...cells]) => {
    const letters = tests.flatMap((test, index) => (isShown(test, item) ? [letterOf(index)] : []));
    for (const letter of letters) used.add(letter);
    const lacks = letters.length === 0 || tests.some((test, index) => !test.also && !letters.includes(letterOf(index)));
    if (lacks) uncovered.push(`${name}: ${item}`);
    return [`\`${item}\``, ...cells, lacks ? "**not covered**" : letters.join(" ")];
  });
  const legend = tests
    .map(({ file, title }, index) => [letterOf(index), `protocol/codecs/${file}`, title])
    .filter(([letter]) => used.has(letter))
    .map(([letter, file, title]) => `- ${letter}: "${title}" in \`${file}\``);
  return [`${rows.length}, shown by`, "", ...legend, "", ...markdown([...columns, "tests"], lines)];
}

/** Names that a list of tests has of its own, where the codec has no table of them. */
function namesIn(tests, pattern) {
  const titles = [...new Set(tests.map(({ file }) => file))].flatMap((file) => results.get(file) ?? []);
  return [...new Set(titles.flatMap(({ title }) => pattern.exec(title)?.[1] ?? []))];
}

/** Whether there are tests of that title for an item, and all of them have passed. */
function isShown({ file, title }, item) {
  const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = title
    .split("*")
    .map((part) => part.split("…").map(literal).join(literal(item)))
    .join(".*");
  const found = (results.get(file) ?? []).filter((test) => new RegExp(`^${pattern}$`).test(test.title));
  return found.length > 0 && found.every(({ status }) => status === "passed");
}

function letterOf(index) {
  return String.fromCharCode(65 + index);
}

/** What tests that have passed have shown of other packages. */
function differences() {
  const tests = peers.flatMap((file) => results.get(file) ?? []);
  for (const { status, title } of tests) {
    if (status !== "passed") uncovered.push(`difference: ${title}`);
  }
  return tests.filter(({ status }) => status === "passed").flatMap(({ meta }) => meta.difference ?? []);
}

function differencesOf(rows) {
  const code = (text) => `\`${text}\``;
  return markdown(
    ["the standard", "input", "it gives", "here"],
    rows.map(({ rule, input, theirs, ours }) => [rule.replaceAll("<", "&lt;"), code(input), code(theirs), code(ours)]),
  );
}

function markdown(columns, rows) {
  const lineOf = (cells) => `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
  return [lineOf(columns), `|${columns.map(() => "---|").join("")}`, ...rows.map(lineOf)];
}

function fill(text) {
  const left = new Set(made.keys());
  const filled = text.replace(
    /(<!-- made by npm run conformance: (.+?) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, head, name, end) => {
      const lines = made.get(name);
      if (lines === undefined) throw new Error(`${relative(root, page)} asks for "${name}", which nothing makes`);
      left.delete(name);
      return `${head}\n${lines.join("\n")}\n\n${end}`;
    },
  );
  if (left.size > 0) throw new Error(`${relative(root, page)} has no place for ${[...left].join(", ")}`);
  return filled;
}
