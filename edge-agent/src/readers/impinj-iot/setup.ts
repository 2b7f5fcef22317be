import type { ImpinjIotReader } from "@storeward/contracts";
import { type Clock, isStorewardError, type Logger } from "@storeward/runtime";
import { bandText, regionMismatch } from "../band.js";
import type { Counters } from "../counters.js";
import type { AntennaRole } from "../driver.js";
import { isRecord, type JsonRecord, numberOf, textOf, timeOf } from "../json-values.js";
import type { ImpinjApi } from "./api.js";
import { E } from "./errors.js";
import { presetLimits } from "./limits.js";
import { inventoryRequest } from "./preset.js";

/**
 * Keep-alives are asked for so often because they are what says, while nothing is read, that the reader was there: what has left the
 * field is noticed no sooner. One costs two bytes.
 */
const KEEPALIVE_S = 1;

export interface ImpinjSetup {
  readonly model: string;
  readonly firmware: string;
  /** The reader's clock in ms when it answered, NaN where it did not say, and when that was, mono ms. */
  readonly time: { readonly at: number; readonly arrival: number };
  readonly keepAliveMs: number;
  /** What `POST /profiles/inventory/start` is to be sent. */
  readonly request: JsonRecord;
}

export interface PrepareOptions {
  readonly api: ImpinjApi;
  readonly reader: ImpinjIotReader;
  readonly roles: ReadonlyMap<number, AntennaRole>;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Learns what the reader is, checks that it is what is configured, and ends whatever it does: the driver takes a reader for itself.
 * Throws IMPINJ_REGION, IMPINJ_ANTENNA, IMPINJ_POWER, IMPINJ_MODE, IMPINJ_KEEPALIVE, and what the API throws.
 */
export async function prepare(options: PrepareOptions): Promise<ImpinjSetup> {
  const { api, reader, roles, counters, clock, log } = options;
  const status = await api.get("/status");
  const time = { at: timeOf(status.time), arrival: clock.mono() };
  const system = await optional(api.get("/system"));
  const image = await optional(api.get("/system/image"));
  const limits = presetLimits(await optional(api.get("/profiles/inventory/presets-schema")));
  const region = await optional(api.get("/system/region"));
  const name = textOf(region?.operatingRegion);
  const { actual, known } = regionMismatch(reader.region, name, limits.channelFrequenciesKhz?.values ?? []);
  if (actual !== undefined) throw E.IMPINJ_REGION({ actual, expected: bandText(reader.region) });
  if (!known) {
    counters.add("regionUntold");
    log.warn("the reader does not tell under which region's rules it works");
  }
  const request = inventoryRequest(reader, roles, limits);
  const keepAliveMs = await keepAlive(api);
  if (textOf(status.status) !== "idle") await optional(api.post("/profiles/stop"), [404, 409]);
  return {
    model: [textOf(system?.manufacturer) ?? "Impinj", textOf(system?.productModel)].filter((part) => part).join(" "),
    firmware: textOf(image?.primaryFirmware) ?? "",
    time,
    keepAliveMs,
    request,
  };
}

/** Sets how often a stream without events says that it is alive (StreamConfiguration), and believes what the reader then has. */
async function keepAlive(api: ImpinjApi): Promise<number> {
  const before = await optional(api.get("/http-stream"));
  const seconds = (settings: JsonRecord | undefined) => numberOf(settings?.keepAliveIntervalSeconds) ?? 0;
  if (seconds(before) === KEEPALIVE_S) return KEEPALIVE_S * 1000;
  const wanted = { ...before, keepAliveIntervalSeconds: KEEPALIVE_S };
  try {
    await api.put("/http-stream", wanted);
  } catch (error) {
    if (!isStorewardError(error, "IMPINJ_STATUS")) throw error;
    if (seconds(before) <= 0) throw E.IMPINJ_KEEPALIVE({}, { cause: error });
    return seconds(before) * 1000;
  }
  return KEEPALIVE_S * 1000;
}

/** An older interface lacks some of it, and some users may not see the system. */
export async function optional(
  answer: Promise<JsonRecord>,
  statuses: readonly number[] = [403, 404, 405, 501],
): Promise<JsonRecord | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (!isStorewardError(error, "IMPINJ_STATUS")) throw error;
    if (!statuses.includes(Number(isRecord(error.params) ? error.params.status : 0))) throw error;
    return undefined;
  }
}
