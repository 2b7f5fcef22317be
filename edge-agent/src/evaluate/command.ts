import { defineCommand, usageError } from "@storeward/runtime";
import type { ColumnNames } from "./recording/rows.js";
import type { TimeUnit } from "./recording/times.js";

const TIME_UNITS: readonly TimeUnit[] = ["auto", "s", "ms", "us", "ns", "iso"];
const COLUMNS = ["time", "antenna", "reader", "epc", "rssi", "event"];

/** `storeward-edge evaluate`: what the filters make of recorded reads, beside simpler rules on the same reads. */
export const evaluateCommand = defineCommand({
  usage: "--map MAP [--truth FILE]... RECORDING...",
  description: `Says what the filters make of recorded reads, beside simpler rules on the same reads: to tune a site.

A recording is CSV or JSON lines, one read a line: time, antenna, EPC, and where known RSSI (dBm) and reader. The columns are
found by their names; --columns names others. Several recordings are played together. "-" is standard input.
An optional column "event" tells more than reads: "round" (the antennas had their chance), "watching", "blind", "doubtful".

The map says what each antenna is for (YAML or JSON):
  antennas:
    - { antenna: 1, readPoint: shelf-a, role: shelf }
    - { antenna: 2, readPoint: store-door, role: inside }
    - { antenna: 3, readPoint: store-door, role: outside }
    - { reader: gate-7, antenna: 1, readPoint: finish, role: line }     # one antenna that tags go by
  portals:                                                            # where doors lead, for inferred misses
    - { readPoint: store-door, inside: store, outside: corridor }

The truth is CSV or JSON lines of stays on shelves (epc, readPoint, from, to) and of passages (epc, readPoint, direction, at;
direction is in or out). A line of an EPC alone says that this tag was at none of them. Without truth, what was told is counted,
and misses are inferred where a tag is found on the other side of a door through which nobody saw it go.`,
  positionals: ["RECORDING..."],
  options: {
    map: { type: "string", placeholder: "FILE", description: "what the antennas are for" },
    config: { type: "string", placeholder: "FILE", description: "the agent.yaml of the device, instead of a map" },
    truth: { type: "string", multiple: true, placeholder: "FILE", description: "what is known to be true" },
    complete: { type: "boolean", description: "a tag that the truth does not name was nowhere" },
    columns: {
      type: "string",
      placeholder: "LIST",
      description: "names of columns, or their numbers in CSV without header: time=ts,epc=tagId,antenna=port",
    },
    "time-unit": {
      type: "string",
      placeholder: "UNIT",
      default: "auto",
      description: `${TIME_UNITS.join(", ")}; auto goes by the size of the number`,
    },
    "portal-round": { type: "string", placeholder: "MS", default: "250", description: "slice that stands for a round" },
    "shelf-round": {
      type: "string",
      placeholder: "MS",
      default: "1000",
      description: "the same at shelves: about the time in which the reader goes through its antennas once",
    },
    hole: {
      type: "string",
      placeholder: "SECONDS",
      description: "silence of all readers for so long means that nobody recorded (default: a day)",
    },
    disorder: {
      type: "string",
      placeholder: "SECONDS",
      default: "5",
      description: "lines may be out of order by so much",
    },
    settling: {
      type: "string",
      placeholder: "SECONDS",
      default: "20",
      description: "the beginning, which is not judged: the filters find what is there",
    },
    tolerance: { type: "string", placeholder: "SECONDS", default: "2", description: "how exact the truth is" },
    "visit-gap": {
      type: "string",
      placeholder: "SECONDS",
      default: "10",
      description: "reads at a line that are so far apart are two passages",
    },
    json: { type: "string", placeholder: "FILE", description: "write all figures there too" },
  },
  async run({ values, positionals }) {
    if ((values.map === undefined) === (values.config === undefined))
      throw usageError("say what the antennas are for: --map FILE, or --config FILE of a device");
    const unit = TIME_UNITS.find((one) => one === values["time-unit"]);
    if (unit === undefined) throw usageError(`--time-unit can be ${TIME_UNITS.join(", ")}`);
    const { evaluate } = await import("./run.js");
    await evaluate({
      recordings: positionals,
      truths: values.truth ?? [],
      map: values.map === undefined ? { file: values.config ?? "", kind: "config" } : { file: values.map, kind: "map" },
      columns: columnsOf(values.columns ?? ""),
      timeUnit: unit,
      portalRoundMs: number("portal-round", values["portal-round"], 50),
      shelfRoundMs: number("shelf-round", values["shelf-round"], 50),
      holeMs: values.hole === undefined ? undefined : 1000 * number("hole", values.hole, 1),
      disorderMs: 1000 * number("disorder", values.disorder, 0),
      settlingMs: 1000 * number("settling", values.settling, 0),
      toleranceMs: 1000 * number("tolerance", values.tolerance, 0),
      visitGapMs: 1000 * number("visit-gap", values["visit-gap"], 0.1),
      isComplete: values.complete ?? false,
      json: values.json,
    });
  },
});

function number(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= least && value <= 1e7))
    throw usageError(`--${option} wants a number of at least ${least}, not '${text}'`);
  return value;
}

function columnsOf(text: string): ColumnNames {
  const pairs = text === "" ? [] : text.split(",").map((pair) => pair.split("="));
  for (const [field = "", name = ""] of pairs)
    if (!COLUMNS.includes(field) || name === "")
      throw usageError(`--columns wants ${COLUMNS.join("=…, ")}=…, not '${field}${name === "" ? "" : `=${name}`}'`);
  return Object.fromEntries(pairs);
}
