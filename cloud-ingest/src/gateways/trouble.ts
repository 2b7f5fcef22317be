import type { ConfigRefusal, Telemetry } from "@storeward/contracts";

export interface TroubleFacts {
  readonly telemetry: Telemetry | null;
  readonly quarantined: number;
  readonly lost: number;
  readonly forked: boolean;
  readonly refused: ConfigRefusal | null;
}

/** What somebody must look at, in words, most urgent first. */
export function troubleOf({ telemetry, quarantined, lost, forked, refused }: TroubleFacts): string[] {
  const trouble: string[] = [];
  if (forked) trouble.push("its journal has forked: restored from a copy, or two devices with one identity");
  if (telemetry?.journal.full) trouble.push("its journal is full: it cannot keep what it reads");
  for (const { code, text } of telemetry?.problems ?? []) trouble.push(`${code}: ${text}`);
  const told = telemetry?.problems?.some(({ code }) => code === refused?.code) ?? false;
  if (refused !== null && !told) trouble.push(`${refused.code}: ${refused.text}`);
  for (const { reader, state, error, antennas } of telemetry?.readers ?? []) {
    if (state !== "watching") trouble.push(`reader ${reader} is ${state}${error === undefined ? "" : `: ${error}`}`);
    else
      for (const { antenna, readPoint, state: coverage } of antennas)
        if (coverage !== "watching") trouble.push(`antenna ${antenna} of ${reader} (${readPoint}) is ${coverage}`);
  }
  if (quarantined > 0) trouble.push(`${quarantined} of its observations could not be understood`);
  if (lost > 0) trouble.push(`it has lost ${lost} observations`);
  return trouble;
}
