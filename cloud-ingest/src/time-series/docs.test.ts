import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MEASUREMENTS, SERIES_TAGS, seriesSpec } from "@storeward/contracts";
import { expect, it } from "vitest";

const PAGE = fileURLToPath(new URL("../../../docs/time-series.md", import.meta.url));
const BEGIN = "<!-- measurements: made from protocol/contracts/src/series.ts -->\n";
const END = "<!-- end of measurements -->\n";

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");

function measurements(): string {
  const tags = Object.entries(SERIES_TAGS).map(([name, help]) => [`\`${name}\``, help]);
  const parts = MEASUREMENTS.map((name) => {
    const { help, minute, tags: of, fields } = seriesSpec(name);
    const rows = Object.entries(fields).map(([field, { unit, over, help: says }]) => [
      `\`${field}\``,
      unit,
      over,
      says,
    ]);
    const by = of.map((tag) => `\`${tag}\``).join(", ");
    return `### ${name}\n\n${help}. Tags: ${by}. Minute: ${minute}.\n\n${table(["field", "unit", "of a longer step", "what"], rows)}\n`;
  });
  return `${table(["tag", "holds"], tags)}\n${parts.join("")}`;
}

/** `STOREWARD_WRITE_DOCS=1` writes it. */
it("the page of measurements says what the table of measurements has", () => {
  const page = readFileSync(PAGE, "utf8");
  const [before = "", rest = ""] = page.split(BEGIN);
  const [, after = ""] = rest.split(END);
  const right = `${before}${BEGIN}\n${measurements()}${END}${after}`;
  if (process.env.STOREWARD_WRITE_DOCS === "1") writeFileSync(PAGE, right);
  else expect(page).toBe(right);
});
