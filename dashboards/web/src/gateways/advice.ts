import type { Gateway, ReaderTelemetry } from "@storeward/contracts";
import type { Messages } from "../messages/en.js";

/** Rows that are still to come before it is worth a word: what is on its way for a few seconds is no trouble. */
export const BEHIND_ROWS = 500;

export interface Trouble {
  readonly what: string;
  readonly todo: string;
}

/** Whether somebody should have a look. */
export function needsLook(gateway: Gateway): boolean {
  return troubles(gateway, undefined).length > 0 || gateway.trouble.length > 0;
}

/** What the figures of a gateway say is wrong and what to do about it, the gravest first. */
export function troubles(gateway: Gateway, t: Messages | undefined): Trouble[] {
  const found: (keyof Messages["gateways"]["advice"])[] = [];
  if (gateway.state !== "online") found.push(gateway.state);
  if (gateway.telemetry?.journal.full === true) found.push("full");
  for (const reader of gateway.telemetry?.readers ?? []) {
    const advice = readerAdvice(reader);
    if (advice !== null && !found.includes(advice)) found.push(advice);
  }
  if (gateway.lost > 0) found.push("lost");
  if (gateway.quarantined > 0) found.push("quarantined");
  if ((gateway.behind ?? 0) > BEHIND_ROWS) found.push("behind");
  return found.map((code) => ({
    what: t?.gateways.troubleNames[code] ?? code,
    todo: t?.gateways.advice[code] ?? code,
  }));
}

function readerAdvice(reader: ReaderTelemetry): "blind" | "connecting" | "stopped" | "doubtful" | null {
  if (reader.state !== "watching") return reader.state;
  if (reader.antennas.some(({ state }) => state === "blind")) return "blind";
  return reader.antennas.some(({ state, error }) => state === "doubtful" || error !== undefined) ? "doubtful" : null;
}

/** A monotonic time of the device as a time of the clock, by the pair its telemetry gives. */
export function wallTime(mono: number, at: { mono: number; wall: string }): string {
  return new Date(Date.parse(at.wall) - (at.mono - mono)).toISOString();
}
