import type { ZebraIotReader } from "@storeward/contracts";
import { type Clock, isStorewardError, type Logger } from "@storeward/runtime";
import { bandText, regionMismatch } from "../band.js";
import type { Counters } from "../counters.js";
import type { AntennaRole } from "../driver.js";
import { isRecord, type JsonRecord, numberOf, textOf } from "../json-values.js";
import type { Dialogue } from "./dialogue.js";
import { E } from "./errors.js";
import { type RadioStatus, radioStatus } from "./radio-status.js";

/** At most one report a tag and antenna in so many seconds, where a shelf does not need more; a door needs every read. */
const SHELF_REPORT_S = 1;
/** Powers above this are tenths of dBm: the interface's examples have 300 for what is 30 dBm. */
const MOST_DBM = 40;

export interface ZebraSetup {
  readonly model: string;
  readonly firmware: string;
  readonly status: RadioStatus;
  /** The reader's clock in ms when it told its status, NaN where it did not say, and when that came, mono ms. */
  readonly time: { readonly at: number; readonly arrival: number };
}

/**
 * From a connected broker to a reader that reads: learns what it is, checks that it is what is configured, sets its operating mode, reads
 * the mode back (what a reader does not support it drops without a word), and starts it. Throws ZEBRA_REGION, ZEBRA_ANTENNA, ZEBRA_POWER,
 * ZEBRA_MODE, and what the dialogue throws.
 */
export async function setUp(options: {
  readonly dialogue: Dialogue;
  readonly reader: ZebraIotReader;
  readonly roles: ReadonlyMap<number, AntennaRole>;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<ZebraSetup> {
  const { dialogue, reader, roles, counters, clock, log } = options;
  const version = await dialogue.call("get_version");
  const region = await unlessRefused(dialogue.ask("get_region"));
  if (region === undefined || !checkRegion(reader, region)) {
    counters.add("regionUntold");
    log.warn("the reader does not tell under which region's rules it works");
  }
  const status = radioStatus(await dialogue.ask("get_status"));
  const time = { at: status.time, arrival: clock.mono() };
  if (status.connected === false) throw E.ZEBRA_NOT_READING({ reason: "its radio is not connected" });
  const mode = operatingMode(reader, roles);
  checkAntennas(mode.antennas, status);
  if (region !== undefined) checkPower(mode, region);
  // It may run since an earlier connection; that it does not is no error.
  await unlessRefused(dialogue.ask("stop"));
  await dialogue.ask("set_mode", mode);
  checkMode(mode, await unlessRefused(dialogue.ask("get_mode")));
  // Not persisted: a reader that nobody drives should not transmit after its power came back.
  await dialogue.ask("start", { doNotPersistState: true });
  const model = textOf(version.model) ?? "reader";
  return { model: `Zebra ${model}`, firmware: textOf(version.readerApplication) ?? "", status, time };
}

interface Mode extends JsonRecord {
  readonly antennas: readonly number[];
  readonly transmitPower: readonly number[];
}

/** CUSTOM is the mode in which powers, fields and the report filter are the client's (Configuration for the Operating Modes). */
function operatingMode({ antennas }: ZebraIotReader, roles: ReadonlyMap<number, AntennaRole>): Mode {
  const used = antennas.filter(({ antenna }) => roles.has(antenna)).sort((a, b) => a.antenna - b.antenna);
  const hasPortal = [...roles.values()].includes("portal");
  return {
    type: "CUSTOM",
    antennas: used.map(({ antenna }) => antenna),
    transmitPower: used.map(({ power }) => Math.floor(power * 10 + 1e-6) / 10),
    tagMetaData: ["ANTENNA", "RSSI", "SEEN_COUNT", "CHANNEL", "PC"],
    reportFilter: { duration: hasPortal ? 0 : SHELF_REPORT_S, type: "PER_ANTENNA" },
  };
}

/** False where the answer tells nothing. */
function checkRegion({ region }: ZebraIotReader, answer: JsonRecord): boolean {
  const channels = Array.isArray(answer.channelData) ? answer.channelData.flatMap((kHz) => numberOf(kHz) ?? []) : [];
  const { actual, known } = regionMismatch(region, textOf(answer.regulatoryStandard), channels);
  if (actual !== undefined) throw E.ZEBRA_REGION({ actual, expected: bandText(region) });
  return known;
}

function checkAntennas(antennas: readonly number[], { antennas: known }: RadioStatus): void {
  const foreign = known.size === 0 ? undefined : antennas.find((antenna) => !known.has(antenna));
  if (foreign !== undefined) throw E.ZEBRA_ANTENNA({ antenna: foreign, known: [...known.keys()].join(", ") });
}

function checkPower({ antennas, transmitPower }: Mode, region: JsonRecord): void {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = powerLimits(region);
  for (const [n, antenna] of antennas.entries()) {
    const power = transmitPower[n] ?? 0;
    if (power < min || power > max) throw E.ZEBRA_POWER({ antenna, power, min, max });
  }
}

/** What the reader can transmit with by its answer to `get_region`, dBm; undefined where it does not say. */
export function powerLimits(region: JsonRecord): { min: number | undefined; max: number | undefined } {
  const limit = (value: unknown) => {
    const power = numberOf(value);
    return power !== undefined && power > MOST_DBM ? power / 10 : power;
  };
  return { min: limit(region.minTxPowerSupported), max: limit(region.maxTxPowerSupported) };
}

/** Whether the mode that the reader says it has is the one it was given; what it does not show cannot be checked. */
function checkMode(mode: Mode, actual: JsonRecord | undefined): void {
  for (const what of ["antennas", "transmitPower"] as const) {
    const value = actual?.[what];
    if (value === undefined) continue;
    const expected = mode[what];
    const list = Array.isArray(value) ? value : expected.map(() => value);
    const same =
      list.length === expected.length && expected.every((entry, n) => Math.abs(entry - Number(list[n])) < 0.5);
    if (!same) throw E.ZEBRA_MODE({ what, actual: JSON.stringify(value), expected: JSON.stringify(expected) });
  }
}

/** An older firmware does not know every command. */
export async function unlessRefused(answer: Promise<JsonRecord>): Promise<JsonRecord | undefined> {
  try {
    const payload = await answer;
    return isRecord(payload) ? payload : undefined;
  } catch (error) {
    if (isStorewardError(error, "ZEBRA_REFUSED")) return undefined;
    throw error;
  }
}
