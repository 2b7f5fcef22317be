import type { MetratecReader } from "@storeward/contracts";
import { type Clock, isStorewardError } from "@storeward/runtime";
import type { Identity } from "../serial/session.js";
import type { Dialogue } from "./dialogue.js";
import { E } from "./errors.js";
import type { InventoryFields } from "./inventory-line.js";

export const HEARTBEAT_MS = 10_000;
/** Answers to what an earlier client asked arrive within this time and are not ours. */
const SETTLE_MS = 100;
/** Fields of an inventory line in the order of `AT+INVS`; a firmware has three to eight, of which we know these. */
const FIELDS = { ONT: 0, RSSI: 1, TID: 2, PHASE: 4 } as const;

export interface MetratecSetup extends Identity {
  readonly fields: InventoryFields;
}

/**
 * From an open line to a reader that takes inventory over its antennas for ever. Throws METRATEC_REGION, METRATEC_ERROR,
 * METRATEC_TIMEOUT.
 */
export async function setUp(
  dialogue: Dialogue,
  reader: MetratecReader,
  antennas: readonly number[],
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<MetratecSetup> {
  await stopInventory(dialogue);
  await clock.sleep(SETTLE_MS, signal);
  await dialogue.command("ATE0");
  const identity = await dialogue.command("ATI");
  await checkRegion(dialogue, reader);
  await dialogue.command(`AT+MUX=${antennas.join(",")}`);
  await setPower(dialogue, reader, antennas);
  const fields = await chooseFields(dialogue);
  await dialogue.command(`AT+HBT=${HEARTBEAT_MS / 1000}`);
  await dialogue.command("AT+CMINV");
  return { ...identityOf(identity), fields };
}

/** From `ATI`. */
export function identityOf(lines: readonly string[]): Identity {
  return { model: settingOf(lines, "HW") ?? "metraTec", firmware: settingOf(lines, "SW") ?? "" };
}

/** It may run since an earlier connection; that it does not is no error. */
export async function stopInventory(dialogue: Dialogue): Promise<void> {
  try {
    await dialogue.command("AT+BINV");
  } catch (error) {
    if (!isStorewardError(error, "METRATEC_ERROR")) throw error;
  }
}

async function checkRegion(dialogue: Dialogue, { region }: MetratecReader): Promise<void> {
  const actual = settingOf(await dialogue.command("AT+REG?"), "REG") ?? "a region that it does not name";
  if (!actual.toUpperCase().startsWith(region)) throw E.METRATEC_REGION({ actual, expected: region });
}

/** One value a port of the reader, whole dBm and never more than configured; ports that are not used get the least of all. */
async function setPower(dialogue: Dialogue, reader: MetratecReader, antennas: readonly number[]): Promise<void> {
  const powers = new Map(reader.antennas.map(({ antenna, power }) => [antenna, Math.floor(power)]));
  const present = await numbersOf(dialogue, "PWR");
  const ports = Math.max(present?.length ?? 0, ...antennas);
  const least = Math.min(...powers.values());
  const values = Array.from({ length: ports }, (_, port) => powers.get(port + 1) ?? least);
  await dialogue.command(`AT+PWR=${values.join(",")}`);
}

/** Asks for the RSSI and against what only makes the line longer; fields that we do not know stay as they are. */
async function chooseFields(dialogue: Dialogue): Promise<InventoryFields> {
  const values = (await numbersOf(dialogue, "INVS")) ?? [0, 0, 0];
  values[FIELDS.ONT] = 0;
  values[FIELDS.RSSI] = 1;
  values[FIELDS.TID] = 0;
  if (values.length > FIELDS.PHASE) values[FIELDS.PHASE] = 0;
  await dialogue.command(`AT+INVS=${values.join(",")}`);
  return { rssi: true, tid: false };
}

/** The numbers that a setting has now; undefined where the reader does not tell. */
export async function numbersOf(dialogue: Dialogue, name: string): Promise<number[] | undefined> {
  try {
    const numbers = settingOf(await dialogue.command(`AT+${name}?`), name)
      ?.split(",")
      .map(Number);
    return numbers?.every(Number.isFinite) && numbers.length <= 32 ? numbers : undefined;
  } catch (error) {
    if (isStorewardError(error, "METRATEC_ERROR")) return undefined;
    throw error;
  }
}

export function settingOf(lines: readonly string[], name: string): string | undefined {
  const start = `+${name}:`;
  return lines
    .find((line) => line.startsWith(start))
    ?.slice(start.length)
    .trim();
}
