import { isDeepStrictEqual } from "node:util";
import type { AgentConfig, ReadPoint } from "@storeward/contracts";
import { antennasOf } from "./config-check.js";
import type { Told } from "./recorder.js";

type Plan = Pick<AgentConfig, "readers" | "readPoints" | "epcFilter">;

/** Whether what is made of reads is the same: the filter then goes on. */
export function sameForFilter(a: Plan, b: Plan): boolean {
  const seen = ({ readers, readPoints, epcFilter }: Plan) => [
    readers.map(({ id, antennas }) => ({ id, antennas })),
    readPoints,
    epcFilter,
  ];
  return isDeepStrictEqual(seen(a), seen(b));
}

/** What the old filter is to hear of the read points that are gone or are others: nobody looks there any more. */
export function endOf(before: readonly ReadPoint[], after: readonly ReadPoint[], since: number, why: string): Told[] {
  const kept = new Map(after.map((point) => [point.id, point]));
  return before
    .filter((point) => !isDeepStrictEqual(kept.get(point.id), point))
    .flatMap((point) =>
      antennasOf(point, "").map(({ ref: { reader, antenna } }) => ({
        reader,
        event: { type: "coverage" as const, antennas: [antenna], state: "blind" as const, since, why },
      })),
    );
}
