import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluateCommand } from "../../src/evaluate/command.js";
import type { Figures } from "../../src/evaluate/report/figures.js";
import { type Compiled, compileAgent } from "../compiled.js";
import { smallSite } from "./small-site.js";

const dir = mkdtempSync(join(tmpdir(), "storeward-evaluate-"));
const track = join(import.meta.dirname, "../../../../shared/data/reads/ulyssis-24u2018");
let compiled: Compiled;

beforeAll(() => {
  compiled = compileAgent();
  const { map, reads, truth } = smallSite();
  writeFileSync(join(dir, "map.yaml"), map);
  writeFileSync(join(dir, "reads.csv"), reads);
  writeFileSync(join(dir, "truth.jsonl"), truth);
});
afterAll(() => {
  compiled.remove();
  rmSync(dir, { recursive: true, force: true });
});

function evaluate(args: readonly string[], input?: string) {
  const main = join(compiled.agent, "src/whole.js");
  const options = { cwd: dir, encoding: "utf8" as const, input, timeout: 60_000 };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "evaluate", ...args], options);
  return { status, stdout, stderr };
}

/** The same in this process, for what fails before it begins. */
async function run(args: readonly string[]) {
  const result = { status: 0, stdout: "", stderr: "" };
  await runCli(
    { name: "storeward-edge", description: "", commands: { evaluate: evaluateCommand } },
    {
      argv: ["evaluate", ...args.map((arg) => (/^\w+\.\w+$/.test(arg) ? join(dir, arg) : arg))],
      out: (text) => {
        result.stdout += text;
      },
      err: (text) => {
        result.stderr += text;
      },
      exit: (code) => {
        result.status = code;
      },
    },
  );
  return result;
}

function figures(): Figures {
  return JSON.parse(readFileSync(join(dir, "figures.json"), "utf8")) as Figures;
}

describe("storeward-edge evaluate", { timeout: 60_000 }, () => {
  it("says what the filters and simpler rules make of a recording beside its truth", () => {
    const { status, stdout, stderr } = evaluate([
      "--map",
      "map.yaml",
      "--truth",
      "truth.jsonl",
      "--json",
      "figures.json",
      "reads.csv",
    ]);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toContain("5 stays and 2 passages of 5 tags");
    expect(stdout).toMatch(/^precision .* {2,}100\.0 %/m);
    const { methods, recording, truth } = figures();
    expect(truth).toEqual({ stays: 5, passages: 2, tags: 5 });
    expect(recording).toMatchObject({ badLines: 0, withoutRssi: 0, from: "2026-03-01T08:00:00.010Z" });
    expect(methods.map(({ method }) => method)).toEqual([
      "Storeward",
      "window 2 s",
      "EdgeX 600 s",
      "EdgeX 30 s",
      "SMURF",
    ]);
    const [own, window] = methods;
    expect(own?.presence).toMatchObject({ stays: 1, missedStays: 0, falseDepartures: 0, departuresWhileBlind: 0 });
    expect(own?.presence?.precision).toBeGreaterThan(0.98);
    expect(own?.presence?.recall).toBeGreaterThan(0.95);
    expect(own?.presence?.recall).toBeLessThan(1);
    expect(own?.passages).toMatchObject({ passages: 2, told: 2, precision: 1, recall: 1, directionAccuracy: 1 });
    expect(own?.inferredMisses).toEqual({ misses: 0, checked: 1 });
    // The end of a recording makes nothing depart.
    expect(window?.told.arrivals).toBeGreaterThan(window?.told.departures ?? 0);
    expect(window?.presence?.precision).toBeLessThan(own?.presence?.precision ?? 0);
  });

  it("counts what it has to leave out, and names it by file and line", () => {
    const reads = readFileSync(join(dir, "reads.csv"), "utf8").split("\n");
    reads.splice(3, 0, "2026-03-01T08:00:00.010Z,1,not a tag,-55");
    reads.splice(
      100,
      0,
      "2026-03-01T08:00:10Z,9,30AA,-55",
      "2026-03-01T07:00:00Z,1,30AA,-55",
      "2099-03-01T07:00:00Z,1,30AA,-55",
    );
    const { status, stdout } = evaluate(["--map", "map.yaml", "-"], reads.join("\n"));
    expect(status).toBe(0);
    expect(stdout).toContain("3 left out, the first of them:");
    expect(stdout).toContain("  -:4 has the EPC not a tag, which is not hex");
    expect(stdout).toContain("  -:102 comes more than 5 s late");
    expect(stdout).toContain("  -:103 is more than a day ahead of the lines around it");
    expect(stdout).toContain("reads at antenna 9 (1) left out");
    expect(stdout).toContain("PORTALS, without truth");
  });

  it("says in one line what is wrong with its arguments and its files, and how it is called", async () => {
    writeFileSync(join(dir, "wrong.yaml"), "antennas:\n  - { antenna: 1, readPoint: door, role: inside }\n");
    writeFileSync(join(dir, "wrong.jsonl"), '{"epc":"30AA","readPoint":"board-9","from":1}\n');
    const failing: [readonly string[], number, RegExp][] = [
      [["reads.csv"], 2, /say what the antennas are for: --map FILE/],
      [["--map", "map.yaml", "--settling", "soon", "reads.csv"], 2, /--settling wants a number/],
      [["--map", "map.yaml", "--columns", "colour=1", "reads.csv"], 2, /--columns wants time=/],
      [["--map", "map.yaml", "none.csv"], 1, /EVALUATE_UNREADABLE: .*none\.csv cannot be read: there is no such file/],
      [
        ["--map", "wrong.yaml", "reads.csv"],
        1,
        /wrong\.yaml:2:\d+ antennas\[0\]\.role: door has inside; it can be a shelf/,
      ],
      [
        ["--map", "map.yaml", "--truth", "wrong.jsonl", "reads.csv"],
        1,
        /wrong\.jsonl:1 names board-9, which is no read point/,
      ],
      [
        ["--map", "map.yaml", "--columns", "epc=colour", "reads.csv"],
        1,
        /no column for epc; it has time, antenna, epc, rssi/,
      ],
    ];
    for (const [args, code, message] of failing) {
      const { status, stderr } = await run(args);
      expect([args, status]).toEqual([args, code]);
      expect(stderr).toMatch(message);
    }
    const help = await run(["--help"]);
    expect(help.status).toBe(0);
    for (const word of ["--map", "--truth", "--columns", "--json", "role: inside", "RECORDING"])
      expect(help.stdout).toContain(word);
  });

  // The recordings are shared data outside the repository: i++, copyright ULYSSIS VZW, Open Data Commons Attribution License 1.0.
  it.skipIf(!existsSync(track))(
    "reads a day of a running track, shared data reads/ulyssis-24u2018 (skipped where it is missing)",
    () => {
      writeFileSync(
        join(dir, "track.yaml"),
        "antennas:\n  - { reader: 0, readPoint: line-0, role: line }\n  - { reader: 1, readPoint: line-1, role: line }\n",
      );
      const files = [join(track, "0.json"), join(track, "1.json")];
      const { status, stdout } = evaluate(["--map", "track.yaml", "--json", "figures.json", ...files]);
      expect(status).toBe(0);
      expect(stdout).toContain("34,256 reads from 2018-10-23T16:37:41.371Z");
      const { lines, recording, usualRoundSeconds } = figures();
      expect(recording).toMatchObject({ reads: 34_256, badLines: 0, withoutRssi: 34_256 });
      expect(usualRoundSeconds).toBeGreaterThan(75);
      expect(usualRoundSeconds).toBeLessThan(110);
      for (const { visits, reads, misses } of lines) {
        expect(visits).toBeGreaterThan(0.97 * reads);
        expect(misses).toBeGreaterThan(0);
        expect(misses).toBeLessThan(0.01 * visits);
      }
    },
  );
});
