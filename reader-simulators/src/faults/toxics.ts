import { Toxic } from "@storeward/contracts";
import { usageError, validator } from "@storeward/runtime";

export type Direction = "to-server" | "to-client";
export type Pacing = Extract<Toxic, { kind: "latency" | "bandwidth" | "slicer" }>;

export const DIRECTIONS: readonly Direction[] = ["to-server", "to-client"];

const asToxic = validator(Toxic);

/** Whether it means the bytes of this direction. */
export function concerns(toxic: Toxic, direction: Direction): boolean {
  const meant = "direction" in toxic ? (toxic.direction ?? "both") : "both";
  return meant === "both" || meant === direction;
}

/** What is done to the pace of one direction. */
export function pacingOf(toxics: readonly Toxic[], direction: Direction): Pacing[] {
  return toxics.filter((toxic): toxic is Pacing => isPacing(toxic) && concerns(toxic, direction));
}

function isPacing({ kind }: Toxic): boolean {
  return kind === "latency" || kind === "bandwidth" || kind === "slicer";
}

export function isSwallowed(toxics: readonly Toxic[], direction: Direction): boolean {
  return toxics.some((toxic) => toxic.kind === "black-hole" && concerns(toxic, direction));
}

/** Reads `latency:ms=200,jitterMs=50,direction=to-client`, as on a command line. */
export function parseToxic(text: string): Toxic {
  const [kind = "", ...rest] = text.split(":");
  const fields = rest
    .join(":")
    .split(",")
    .filter((field) => field !== "")
    .map((field) => {
      const [key = "", value = ""] = field.split("=", 2);
      return [key, /^\d+(\.\d+)?$/.test(value) ? Number(value) : value] as const;
    });
  const read = asToxic({ ...Object.fromEntries(fields), kind });
  if (read.ok) return read.value;
  throw usageError(
    `--toxic cannot be '${text}': write latency:ms=200,jitterMs=50, bandwidth:bytesPerSecond=1000, slicer:bytes=7,pauseMs=5, black-hole, reset or down, where it helps with direction=to-server or to-client`,
  );
}
