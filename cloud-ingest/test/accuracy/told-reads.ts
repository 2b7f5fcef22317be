import type { AntennaRef, ObservationDraft, ReadPoint, Site } from "@storeward/contracts";
import type { TagRead } from "../../../edge-agent/src/readers/driver.js";

/** More of one antenna change nothing: the rules look at the last twenty. */
const MOST_READS = 20;

/** The reads that an observation tells of, by reader, oldest first; their times are spread over those that it names. */
export function toldReads(
  draft: ObservationDraft,
  at: number,
  points: ReadonlyMap<string, ReadPoint>,
): { readonly reader: string; readonly read: TagRead }[] {
  if (!("readPoint" in draft) || draft.readPoint === undefined) return [];
  const point = points.get(draft.readPoint);
  if (point === undefined) return [];
  switch (draft.type) {
    case "arrived":
      return ofStrength(draft.tag.epc, point, draft.strength, draft.first, at);
    case "seen":
      return ofStrength(draft.tag.epc, point, draft.strength, draft.from, draft.to);
    case "inventoried":
      return draft.tags.flatMap(({ tag, strength }) => ofStrength(tag.epc, point, strength, draft.from, draft.to));
    case "passed":
      return point.role === "portal" ? ofSides(draft, point.antennas) : [];
    default:
      return [];
  }
}

/** The read points of a site by their ids. */
export function pointsOf({ readPoints }: Site): ReadonlyMap<string, ReadPoint> {
  return new Map(readPoints.map((point) => [point.id, point]));
}

type Strength = Extract<ObservationDraft, { type: "seen" }>["strength"];

function ofStrength(epc: string, point: ReadPoint, { antennas }: Strength, from: number, to: number) {
  const refs = point.role === "shelf" ? point.antennas : [...point.antennas.inside, ...point.antennas.outside];
  const found = antennas.flatMap(({ antenna, reads, rssiMean }) => {
    const ref = refs.find((one) => one.antenna === antenna);
    return ref === undefined ? [] : spread(epc, ref, reads, rssiMean, from, to);
  });
  return found.sort((a, b) => a.read.last - b.read.last);
}

function ofSides(
  { tag, sides }: Extract<ObservationDraft, { type: "passed" }>,
  antennas: Readonly<Record<"inside" | "outside", readonly AntennaRef[]>>,
) {
  const found = (["inside", "outside"] as const).flatMap((side) => {
    const [seen, ref] = [sides[side], antennas[side][0]];
    if (seen === undefined || ref === undefined) return [];
    return spread(tag.epc, ref, seen.reads, seen.rssiMax, seen.first, seen.last);
  });
  return found.sort((a, b) => a.read.last - b.read.last);
}

function spread(epc: string, { reader, antenna }: AntennaRef, reads: number, rssi: number, from: number, to: number) {
  const count = Math.min(MOST_READS, reads);
  return Array.from({ length: count }, (_, index) => {
    const time = to - ((to - from) * (count - 1 - index)) / Math.max(1, count - 1);
    return { reader, read: { epc, antenna, rssi, first: time, last: time, count: 1 } };
  });
}
