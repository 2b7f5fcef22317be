import type { Telemetry } from "@storeward/contracts";
import type { Clock } from "@storeward/runtime";
import { createLog, type PlainLog } from "../journal/index.js";

/** What an agent said of its health, and how far it had looked by then as far as its journal is here. */
export type TelemetrySample = Telemetry & { readonly through: string | null };

/** Health as it comes, every 10 s from each agent, kept for seven days. One partition: that is few rows. */
export function createTelemetryLog(clock?: Clock): PlainLog<TelemetrySample> {
  return createLog<TelemetrySample>({
    table: "telemetry_sample",
    headTable: "telemetry_sample_head",
    partitions: 1,
    ...(clock === undefined ? {} : { clock }),
  });
}
