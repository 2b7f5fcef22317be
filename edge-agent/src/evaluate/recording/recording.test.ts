import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BadLines } from "./bad-lines.js";
import { InOrder, merged } from "./in-order.js";
import { LineSplitter } from "./lines.js";
import { RecordingParser } from "./read-recording.js";
import type { Recorded } from "./recorded.js";
import type { ColumnNames } from "./rows.js";
import { type TimeUnit, timeOf } from "./times.js";

interface Options {
  readonly columns?: ColumnNames;
  readonly timeUnit?: TimeUnit;
  /** Where the text is cut. */
  readonly cuts?: readonly number[];
}

function parse(text: string, { columns = {}, timeUnit = "auto", cuts = [] }: Options = {}) {
  const bad = new BadLines();
  const splitter = new LineSplitter();
  const parser = new RecordingParser("reads.csv", { columns, timeUnit }, bad);
  const edges = [0, ...[...cuts].sort((a, b) => a - b), text.length];
  const pieces = edges.slice(1).map((edge, index) => text.slice(edges[index], edge));
  const lines = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()];
  return { reads: parser.parse(lines).map(({ recorded }) => recorded), bad };
}

const short = ({ at, reader, antenna, epc, rssi }: Recorded) => [at, reader, antenna, epc, rssi];

describe("a recording", () => {
  it("may be CSV with any of the usual names, separators and quotes", () => {
    const { reads, bad } = parse(
      '\uFEFF"Peak RSSI";Antenna Port;Time Stamp;EPC\r\n-61.5;2;2026-03-01T08:00:00.250Z;"3034 257b"\r\n;"1";1772352001;0x3034257C',
      { columns: { time: "Time Stamp" } },
    );
    expect(bad.count).toBe(0);
    expect(reads.map(short)).toEqual([
      [Date.UTC(2026, 2, 1, 8, 0, 0, 250), "", "2", "3034257B", -61.5],
      [1_772_352_001_000, "", "1", "3034257C", undefined],
    ]);
  });

  it("may be JSON lines, or CSV without a header whose columns are numbered", () => {
    const json = parse('{"readerId":0,"updateCount":7,"updateTime":1540312724.744000000,"tag":"002420180020"}\n');
    expect(json.reads.map(short)).toEqual([[1_540_312_724_744, "0", "1", "002420180020", undefined]]);
    const csv = parse("3034257B,1,5.25,-60\n", { columns: { epc: "1", antenna: "2", time: "3", rssi: "4" } });
    expect(csv.reads.map(short)).toEqual([[5_250, "", "1", "3034257B", -60]]);
  });

  it("may tell rounds and coverage beside reads", () => {
    const { reads, bad } = parse("time,antenna,epc,event\n1,1,30AA,\n1.2,1,,round\n2,,,blind\n3,1,,asleep\n");
    expect(reads.map(({ kind, antenna }) => [kind, antenna])).toEqual([
      ["read", "1"],
      ["round", "1"],
      ["blind", ""],
    ]);
    expect(bad.examples).toEqual([
      "reads.csv:5 has the event asleep; it can be read, round, watching, blind, doubtful",
    ]);
  });

  it("names each line that is no read with what is wrong, and the others go on", () => {
    const { reads, bad } = parse(
      [
        "time,antenna,epc,rssi",
        "1,1,30AA,-60",
        "yesterday,1,30AA,-60",
        "3,1,30AG,-60",
        "",
        "4,,30AA,-60",
        "5,1,30AA,200",
        "6,1,30AA",
        `7,1,${"A".repeat(70_000)},-60`,
        "8,1,30AA,-60",
      ].join("\n"),
    );
    expect(reads.map(({ at }) => at)).toEqual([1_000, 8_000]);
    expect(bad.count).toBe(6);
    expect(bad.examples).toEqual([
      "reads.csv:3 has the time yesterday, which is none",
      "reads.csv:4 has the EPC 30AG, which is not hex",
      "reads.csv:6 has no antenna",
      "reads.csv:7 has the RSSI 200, which is not in dBm",
      "reads.csv:8 has 3 cells where the header has 4",
    ]);
  });

  it("without a column that it must have says which, what there is, and how to name it", () => {
    expect(() => parse("when,antenna,epc\n1,1,30AA")).toThrow(
      /no column for time; it has when, antenna, epc.*time=NAME/,
    );
    expect(() => parse('[{"time":1}]')).toThrow(/one object a line/);
  });

  it("gives the same reads and the same bad lines wherever its bytes are cut", () => {
    const line = fc.oneof(
      fc
        .record({
          at: fc.integer({ min: 0, max: 1e6 }),
          antenna: fc.integer({ min: 1, max: 4 }),
          rssi: fc.integer({ min: -90, max: -30 }),
        })
        .map(({ at, antenna, rssi }) => `${at},${antenna},30AB,${rssi}`),
      fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[\r\n]/g, "")),
      fc.constant(`1,1,${"0".repeat(70_000)},-60`),
    );
    const text = fc
      .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"))
      .map(([lines, end]) => ["time,antenna,epc,rssi", ...lines].join(end));
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 8 }), (whole, points) => {
        const cuts = points.map((point) => point % (whole.length + 1));
        const [one, other] = [parse(whole), parse(whole, { cuts })];
        expect(other.reads).toEqual(one.reads);
        expect(other.bad.count).toBe(one.bad.count);
        expect(other.bad.examples).toEqual(one.bad.examples);
      }),
      { numRuns: 60 },
    );
  });
});

describe("times", () => {
  it("are of any unit, which their size tells", () => {
    const ms = Date.UTC(2026, 0, 2, 3, 4, 5);
    for (const text of [
      ms / 1_000,
      ms,
      ms * 1_000,
      ms * 1_000_000,
      new Date(ms).toISOString(),
      "2026-01-02 03:04:05",
      "2026-01-02T05:04:05+02:00",
    ])
      expect([text, timeOf(text, "auto")]).toEqual([text, ms]);
    expect(timeOf("1500", "ms")).toBe(1_500);
    expect(["soon", "", "12:30", "2026-13-40T00:00"].map((text) => timeOf(text, "auto"))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("order", () => {
  const items = (times: readonly number[]) => times.map((at, index) => ({ at, index }));

  it("is put right within the time allowed, in batches of any size, and what is later is named", () => {
    const times = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }).map((steps) => {
      let now = 0;
      return steps.map((step) => {
        now += step;
        return now - (step % 7) * 3;
      });
    });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 9 }), (list, size) => {
        const late: number[] = [];
        const order = new InOrder<{ at: number }>(20, ({ at }) => late.push(at));
        const given: number[] = [];
        for (let at = 0; at < list.length; at += size)
          given.push(...order.push(items(list.slice(at, at + size))).map((one) => one.at));
        given.push(...order.end().map((one) => one.at));
        expect(late).toEqual([]);
        expect(given).toEqual([...list].sort((a, b) => a - b));
      }),
    );
  });

  it("leaves out what comes too late, and a single line days ahead of the others, wherever a batch ends", () => {
    const day = 86_400_000;
    const list = [9 * day, 100, 130, 115, 60, 150, 5 * day, 160, 3 * day, 3 * day + 10];
    for (const size of [1, 2, 3, 20]) {
      const bad: string[] = [];
      const order = new InOrder<{ at: number }>(20, ({ at }, why) => bad.push(`${at} ${why}`));
      const given: number[] = [];
      for (let at = 0; at < list.length; at += size)
        given.push(...order.push(items(list.slice(at, at + size))).map((one) => one.at));
      given.push(...order.end().map((one) => one.at));
      expect(given).toEqual([100, 115, 130, 150, 160, 3 * day, 3 * day + 10]);
      expect(bad).toEqual([
        `${9 * day} is more than a day ahead of the lines around it`,
        "60 comes more than 0.02 s late",
        `${5 * day} is more than a day ahead of the lines around it`,
      ]);
    }
  });

  it("of several recordings is one", async () => {
    const source = async function* (batches: number[][]) {
      for (const batch of batches) yield batch.map((at) => ({ at }));
    };
    const all: number[] = [];
    for await (const { at } of merged([source([[1, 4], [], [9]]), source([[2, 3, 10]]), source([])])) all.push(at);
    expect(all).toEqual([1, 2, 3, 4, 9, 10]);
  });
});
