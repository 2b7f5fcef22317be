import type { Telemetry } from "@storeward/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TelemetryFollower } from "./telemetry-follower.js";
import { MeasuredSite } from "./testing.js";

let measured: MeasuredSite;
beforeAll(async () => {
  measured = await MeasuredSite.open();
});
afterAll(() => measured.close());

describe("what gateways tell of themselves", () => {
  const telemetry = (
    agent: string,
    about: { head: number; reads?: number; readPoint?: string; state?: "watching" | "blind" },
  ): Telemetry & { through: string } => ({
    v: 1,
    agent,
    session: "a".repeat(32),
    at: { boot: "b".repeat(32), mono: 1, wall: new Date().toISOString() },
    readers: [
      {
        reader: "r1",
        driver: "llrp",
        state: "watching",
        since: 0,
        antennas: [
          {
            antenna: 1,
            readPoint: about.readPoint ?? "a1",
            state: about.state ?? "watching",
            reads: about.reads ?? 0,
            tags: 2,
            ...(about.reads ? { rssiMean: -50 - about.reads, rssiMax: -40 } : {}),
          },
        ],
        counters: {},
      },
    ],
    journal: {
      epoch: "e".repeat(32),
      head: about.head,
      acked: 5,
      released: 0,
      oldest: 1,
      bytes: 100,
      maxBytes: 1000,
      full: false,
      refused: 0,
    },
    uplink: { outstandingBytes: 7, credit: 1, resends: 0, rejects: 0, reconnects: 0 },
    filtered: { foreign: 0, persons: 0 },
    host: { uptimeSeconds: 1, rssBytes: 1 },
    through: new Date(Date.now() - 30_000).toISOString(),
  });
  const tell = (...samples: (Telemetry & { through: string })[]) =>
    measured.site.test.db.transaction((tx) => measured.telemetry.append(tx, 0, samples));

  it("is a point an antenna and a point a gateway, of the minute it was told in, in which nothing was lost", async () => {
    await tell(
      telemetry("doors", { head: 25, reads: 10 }),
      telemetry("doors", { head: 9, reads: 30 }),
      telemetry("doors", { head: 5, state: "blind" }),
    );
    expect(await measured.points("antenna", Date.now() - 3_600_000, Date.now() + 3_600_000)).toMatchObject([
      {
        agent: "doors",
        reader: "r1",
        antenna: "1",
        read_point: "a1",
        samples: 3,
        reads: 40,
        tags: 2,
        watching: expect.closeTo(2 / 3, 6),
        rssi_mean: -75,
        rssi_max: -40,
      },
    ]);
    const [gateway] = await measured.points("gateway", Date.now() - 3_600_000, Date.now() + 3_600_000);
    expect(gateway).toMatchObject({
      agent: "doors",
      samples: 3,
      journal_depth: 20,
      journal_bytes: 100,
      journal_full: 0,
      outstanding_bytes: 7,
    });
    expect(gateway?.unsent_seconds).toBeGreaterThanOrEqual(29);
    expect(gateway?.unsent_seconds).toBeLessThan(60);
    const [gaps] = await measured.points("gaps", Date.now() - 3_600_000, Date.now() + 3_600_000);
    expect(gaps).toMatchObject({ agent: "doors", told: 3, count: 0, lost: 0 });
  });

  it("whatever a gateway calls its antennas, so many are series and no more", async () => {
    const few = new TelemetryFollower({ telemetry: measured.telemetry, mostAntennas: 3 });
    const all = Array.from({ length: 9 }, (_, n) => telemetry("shelves", { head: 5, readPoint: `p-${n}` }));
    await tell(...all.slice(0, 5));
    await measured.site.followAll(few);
    await tell(...all);
    await measured.site.followAll(few);
    const known = await measured.site.sql.query("SELECT * FROM series_antenna WHERE agent = 'shelves'");
    expect(known).toHaveLength(3);
  });
});
