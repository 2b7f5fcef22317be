import { ManualClock } from "@storeward/runtime";
import { expect, it } from "vitest";
import type { PlaceDirectory } from "../places/index.js";
import { Watch } from "./watch.js";

const NOW = Date.UTC(2026, 2, 1, 8);
const ago = (seconds: number) => new Date(NOW - seconds * 1000);

it("a place is watched as long as everything that watches it, and not at all while any of it is blind", async () => {
  const points = [
    { id: "s1", role: "shelf", placeId: "shelf" },
    { id: "s2", role: "shelf", placeId: "shelf" },
    { id: "s3", role: "shelf", placeId: "other" },
  ];
  const directory = { readPoints: () => points, observableOf: (id: string) => id } as unknown as PlaceDirectory;
  /** Seconds from and to which each did not watch, before now. */
  const blind: Record<string, [number, number]> = { s1: [500, 400], s2: [0, 0], s3: [100, 0] };
  const blindness = {
    blindSeconds: async (_: unknown, asked: readonly { readPoint: string; after: Date }[]) =>
      asked.map(({ readPoint, after }) => {
        const [from, to] = blind[readPoint] ?? [0, 0];
        return Math.max(0, Math.min(from, (NOW - after.getTime()) / 1000) - to);
      }),
  };
  const watch = new Watch({ directory, blindness, clock: new ManualClock({ wall: NOW }) });
  const asked = [
    { place: "shelf", after: ago(1000), withinSeconds: 300 },
    { place: "shelf", after: ago(1000), withinSeconds: 450 },
    { place: "other", after: ago(1000), withinSeconds: 300 },
    { place: "nowhere", after: ago(1000), withinSeconds: 300 },
  ];
  expect(await watch.watchedSeconds({} as never, asked)).toEqual([900, undefined, undefined, undefined]);
});
