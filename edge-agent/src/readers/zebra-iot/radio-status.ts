import { isRecord, type JsonRecord, textOf, timeOf } from "../json-values.js";

/** What a `get_status` or a heartbeat says of the radio; undefined where it says nothing. */
export interface RadioStatus {
  readonly active: boolean | undefined;
  readonly connected: boolean | undefined;
  /** Antennas by number, and whether something is connected to them. */
  readonly antennas: ReadonlyMap<number, boolean>;
  /** The reader's clock, ms; NaN where it does not say. */
  readonly time: number;
}

/** `radioActivitiy` is written so in Zebra's own description of the answer; other firmware, and heartbeats, write it right. */
export function radioStatus(payload: JsonRecord): RadioStatus {
  const activity = textOf(payload.radioActivitiy) ?? textOf(payload.radioActivity) ?? textOf(payload.radio_activity);
  const connection = textOf(payload.radioConnection) ?? textOf(payload.radio_connection);
  const antennas = new Map<number, boolean>();
  if (isRecord(payload.antennas))
    for (const [name, state] of Object.entries(payload.antennas)) {
      const antenna = Number(name);
      if (Number.isInteger(antenna) && typeof state === "string") antennas.set(antenna, state === "connected");
    }
  return {
    active: activity === undefined ? undefined : activity === "active",
    connected: connection === undefined ? undefined : connection === "connected",
    antennas,
    time: timeOf(payload.systemTime),
  };
}
