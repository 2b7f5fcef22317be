import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { BadLines } from "./recording/bad-lines.js";
import { readTruth } from "./truth.js";

const dir = mkdtempSync(join(tmpdir(), "storeward-truth-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const ROLES = new Map([
  ["board", "shelf"],
  ["door", "portal"],
] as const);

async function read(...texts: string[]) {
  const files = texts.map((text, index) => {
    const file = join(dir, `truth-${index}`);
    writeFileSync(file, text);
    return file;
  });
  const bad = new BadLines();
  const truth = await readTruth(files, { columns: {}, timeUnit: "auto", roles: ROLES }, bad);
  return { truth, bad: bad.examples.map((text) => text.replace(/^.*truth-/, "")) };
}

describe("the truth of a recording", () => {
  it("is stays and passages, from files of any format, in order of time", async () => {
    const { truth, bad } = await read(
      "EPC;Read point;from;to\n30AA;board;10;20\n30BB;board;5;\n30CC;;;\n",
      '{"epc":"30AA","readPoint":"door","direction":"out","at":7}\n',
    );
    expect(bad).toEqual([]);
    expect(truth).toMatchObject({ stays: 2, passages: 1 });
    expect([...truth.epcs]).toEqual(["30AA", "30BB", "30CC"]);
    expect(truth.facts.map(({ type, epc, at }) => [type, epc, at])).toEqual([
      ["present", "30BB", 5_000],
      ["passed", "30AA", 7_000],
      ["present", "30AA", 10_000],
      ["absent", "30AA", 20_000],
    ]);
  });

  it("names each line that cannot be true, and keeps the others", async () => {
    const { truth, bad } = await read(
      [
        "epc,readPoint,from,to,direction,at",
        "30AA,board,1,2,,",
        "30AA,board,3,2,,",
        "30AA,door,1,2,,",
        "30AA,board,,,in,5",
        "30AA,door,,,inwards,5",
        "30AA,door,,,in,",
      ].join("\n"),
    );
    expect(truth).toMatchObject({ stays: 1, passages: 0 });
    expect(bad).toEqual([
      "0:3 ends before it begins",
      "0:4 is a stay at door, which is no shelf",
      "0:5 is a passage at board, which is no portal",
      "0:6 has the direction inwards; it can be in or out",
      "0:7 has no time",
    ]);
  });

  it("must hold something", async () => {
    await expect(read("epc,readPoint,from,to\n30AA,shelf-9,1,2\n")).rejects.toThrow(
      /no stay and no passage.*names shelf-9/,
    );
  });
});
