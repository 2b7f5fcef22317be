import { statfsSync } from "node:fs";
import type { AgentConfig, DeviceProblem, Instant, ReaderTelemetry, Telemetry } from "@storeward/contracts";
import type { StorewardError } from "@storeward/runtime";
import type { EdgeJournal } from "../journal/journal.js";
import type { ReaderDriver } from "../readers/index.js";

/** What telemetry is made of; `session` is added by who sends it. */
export interface TelemetryParts {
  readonly config: Pick<AgentConfig, "agent" | "data" | "readers">;
  readonly at: Instant;
  readonly drivers: ReadonlyMap<string, Pick<ReaderDriver, "health">>;
  readonly readPointOf: (reader: string, antenna: number) => string | undefined;
  readonly journal: Pick<EdgeJournal, "epoch" | "stats">;
  readonly uplink: Telemetry["uplink"];
  readonly filtered: Telemetry["filtered"];
  readonly problems: readonly StorewardError[];
}

const MAX_PROBLEMS = 16;
const MAX_TEXT = 500;

export function telemetryOf(parts: TelemetryParts): Omit<Telemetry, "session"> {
  const { config, at, journal, uplink, filtered } = parts;
  const problems = parts.problems.slice(0, MAX_PROBLEMS).map(asProblem);
  return {
    v: 1,
    agent: config.agent,
    at,
    readers: config.readers.flatMap((reader) => readerOf(reader, parts)),
    journal: { epoch: journal.epoch, ...journal.stats() },
    uplink,
    filtered,
    ...(problems.length === 0 ? {} : { problems }),
    host: hostOf(config.data),
  };
}

function readerOf(
  { id, driver }: AgentConfig["readers"][number],
  { drivers, readPointOf }: TelemetryParts,
): ReaderTelemetry[] {
  const health = drivers.get(id)?.health();
  if (health === undefined) return [];
  const antennas = health.antennas.flatMap((antenna) => {
    const readPoint = readPointOf(id, antenna.antenna);
    return readPoint === undefined ? [] : [{ ...antenna, readPoint }];
  });
  return [{ reader: id, driver, ...health, antennas, counters: { ...health.counters } }];
}

function asProblem({ code, message }: StorewardError): DeviceProblem {
  return { code, text: message.slice(0, MAX_TEXT) };
}

function hostOf(folder: string): Telemetry["host"] {
  const host = { uptimeSeconds: Math.floor(process.uptime()), rssBytes: process.memoryUsage.rss() };
  try {
    const { bavail, bsize } = statfsSync(folder);
    return { ...host, freeDiskBytes: bavail * bsize };
  } catch {
    return host;
  }
}
