import type { DeviceFacts } from "./facts.js";

export interface DeviceHealth {
  /** Whether the device does its own work: it reads, and keeps what it reads. That the cloud is away is no fault of the device. */
  readonly well: boolean;
  /** What somebody must look at, the gravest first. */
  readonly words: readonly string[];
}

const WAITING_ROWS = 5_000;

export function healthOf({ telemetry, uplink, stuck, configuration }: DeviceFacts): DeviceHealth {
  const grave: string[] = [];
  const words: string[] = [];
  if (stuck !== undefined) grave.push(stuck);
  if (telemetry.journal.full) grave.push("The journal is full: what is read now is not kept.");
  for (const { reader, state, error, antennas } of telemetry.readers) {
    if (state !== "watching") grave.push(`Reader ${reader} is ${state}${error === undefined ? "." : `: ${error}`}`);
    else
      for (const { antenna, readPoint, state: coverage, error: why } of antennas)
        if (coverage !== "watching")
          grave.push(
            `Antenna ${antenna} of ${reader} (${readPoint}) is ${coverage}${why === undefined ? "." : `: ${why}`}`,
          );
  }
  if (telemetry.readers.length === 0) words.push("No reader is configured.");
  for (const { code, text } of telemetry.problems ?? []) words.push(`${text} (${code})`);
  if (!uplink.connected && (telemetry.problems ?? []).length === 0) words.push("The cloud is not connected yet.");
  const waiting = telemetry.journal.head - telemetry.journal.acked;
  if (waiting > WAITING_ROWS) words.push(`${waiting} observations are still to be sent.`);
  const { refusal } = configuration;
  if (
    refusal !== undefined &&
    refusal.version > configuration.version &&
    !words.some((word) => word.startsWith(refusal.text))
  )
    words.push(`${refusal.text} (${refusal.code})`);
  return { well: grave.length === 0, words: [...grave, ...words] };
}

/** A tick of the recorder comes every 50 ms, an answer of the journal within as much. */
const STUCK_MS = 15_000;

/** Why the device does nothing though its process runs; undefined while it works. */
export function stuckOf({
  tickMs,
  journalMs,
}: {
  readonly tickMs: number;
  readonly journalMs: number;
}): string | undefined {
  if (tickMs > STUCK_MS) return `Nothing has been decided for ${Math.round(tickMs / 1_000)} s.`;
  if (journalMs > STUCK_MS)
    return `The journal has not answered for ${Math.round(journalMs / 1_000)} s: is the disk well?`;
  return undefined;
}
