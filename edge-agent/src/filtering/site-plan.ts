import type { AntennaRef, Reader, ReadPoint } from "@storeward/contracts";

export type Side = "inside" | "outside";

/** What an antenna belongs to. */
export interface Mount {
  readonly readPoint: ReadPoint;
  /** Of a portal's antenna. */
  readonly side?: Side;
}

/** A read point with all its antennas. */
export interface PlannedReadPoint {
  readonly readPoint: ReadPoint;
  readonly antennas: readonly AntennaRef[];
}

/** Which antenna of which reader belongs to which read point; an antenna of two read points belongs to the first. */
export class SitePlan {
  readonly readPoints: readonly PlannedReadPoint[];
  readonly #mounts = new Map<string, { readonly ref: AntennaRef; readonly mount: Mount }>();
  readonly #powers = new Map<string, number>();

  constructor(readers: readonly Reader[], readPoints: readonly ReadPoint[]) {
    for (const reader of readers)
      for (const { antenna, power } of reader.antennas) this.#powers.set(keyOf(reader.id, antenna), power);
    this.readPoints = readPoints.map((readPoint) => ({ readPoint, antennas: antennasOf(readPoint) }));
    for (const readPoint of readPoints) {
      if (readPoint.role === "shelf") for (const ref of readPoint.antennas) this.#mount(ref, { readPoint });
      else
        for (const side of ["inside", "outside"] as const)
          for (const ref of readPoint.antennas[side]) this.#mount(ref, { readPoint, side });
    }
  }

  /** What every antenna belongs to. */
  mounts(): Iterable<{ readonly ref: AntennaRef; readonly mount: Mount }> {
    return this.#mounts.values();
  }

  /** Configured transmit power, dBm. */
  power({ reader, antenna }: AntennaRef): number | undefined {
    return this.#powers.get(keyOf(reader, antenna));
  }

  #mount(ref: AntennaRef, mount: Mount): void {
    const key = keyOf(ref.reader, ref.antenna);
    if (!this.#mounts.has(key)) this.#mounts.set(key, { ref, mount });
  }
}

export function keyOf(reader: string, antenna: number): string {
  return `${reader} ${antenna}`;
}

function antennasOf(readPoint: ReadPoint): AntennaRef[] {
  if (readPoint.role === "shelf") return [...readPoint.antennas];
  return [...readPoint.antennas.inside, ...readPoint.antennas.outside];
}
