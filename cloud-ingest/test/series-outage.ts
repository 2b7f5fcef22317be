import { MEASUREMENTS, type ObservationDraft } from "@storeward/contracts";
import { createLogger } from "@storeward/runtime";
import { expect, vi } from "vitest";
import { STRENGTH } from "../src/locations/drafts.js";
import type { Draft } from "../src/locations/testing.js";
import { openSeries } from "../src/time-series/index.js";
import type { TestInflux } from "../src/time-series/influx/testing.js";
import { SeriesSampler } from "../src/time-series/sampler.js";
import { syncTargets, waitingByTarget } from "../src/time-series/targets.js";
import { flatPoints, MeasuredSite } from "../src/time-series/testing.js";

export interface Outage {
  readonly influx: TestInflux;
  /** How far it has come after so many rounds of observing and following, 0 to 1: then it is done. */
  readonly progress: (rounds: number) => number;
  /** InfluxDB is killed after a third of each `outages`-th part, and started after two thirds. */
  readonly outages: number;
  /** That pass meanwhile for things that are moved; 6 where absent. */
  readonly hours?: number;
}

/**
 * Has an InfluxDB killed and started again while things are moved about and followed, late rows and corrections among them; then fills an
 * empty database beside it from the tables. Returns the number of points, which are the same in both and in the database itself.
 */
export async function outageUnderLoad({ influx, progress, outages, hours = 6 }: Outage): Promise<number> {
  const measured = await MeasuredSite.open();
  const { site } = measured;
  const db = site.test.db;
  const open = (name: string) => openSeries(db, { target: { kind: "influx1", name, url: influx.url, database: name } });
  const start = Date.now() - hours * 3_600_000;
  const log = createLogger("test", { level: "silent" });
  let looked = 0;
  const unknown = { countByPlace: async () => new Map() };
  const troubles = {
    countByKind: async () => [{ kind: "kind 1", items: 9, wrongPlace: looked++ % 3, missing: 0 }],
  };
  const sampler = new SeriesSampler({ db, unknown, troubles, keepDays: 400, log });
  const live = open("live");
  await syncTargets(db, ["database", "live"], Date.now());
  const toInflux = measured.writerTo(live);
  const writers = [measured.writer, toInflux];
  try {
    for (const writer of writers) await writer.start();
    let made = 0;
    const tagged = () => {
      const n = made++;
      const epc = `E28011700000040000${n.toString(16).padStart(6, "0").toUpperCase()}`;
      return site.tagged(epc, { kind: `kind ${n % 4}`, home: "store-1" });
    };
    const things = await Promise.all(Array.from({ length: 12 }, tagged));
    // The levels of the hours before, as of a service that ran then.
    await db.query("UPDATE series_sampled SET at = $1", [new Date(start).toISOString()]);
    // Thirds of outages: in the second of each three it is away.
    let third = 0;
    for (let round = 0, done = 0; done < 1; done = progress(++round)) {
      for (; third < Math.floor(done * outages * 3); third++) {
        if (third % 3 === 0) await influx.kill();
        if (third % 3 !== 1) continue;
        // It is missed before it is back.
        await vi.waitFor(() => expect(toInflux.failing).toBeDefined(), { timeout: 60_000, interval: 20 });
        await influx.start();
      }
      const at = start + done * (hours * 3_600_000 - 600_000);
      for (const { agent, late, draft } of movesOf(round, at, things)) await site.observe(agent, at - late, draft);
      if (round % 5 === 4) {
        const [thing] = things.splice(round % things.length, 1);
        if (thing !== undefined) {
          // Nobody's any more, and since before it was there.
          const [row] = await site.sql.query<{ epc: string }>("SELECT epc FROM tag WHERE number = $1", [thing.tag]);
          await site.act("retire", thing.item, row?.epc ?? "", new Date(start - 1000));
          things.push(await tagged());
        }
      }
      site.through.set("shelves", new Date(at));
      await site.follow();
      await site.settler.run();
      await sampler.run();
      await measured.follow();
    }
    await written(measured);
    await syncTargets(db, ["database", "live", "rebuilt"], Date.now());
    const rebuilt = open("rebuilt");
    await measured.writerTo(rebuilt).run();
    await written(measured);
    let count = 0;
    for (const measurement of MEASUREMENTS) {
      const [ours, theirs, again] = await Promise.all(
        [measured.series, live.series, rebuilt.series].map((series) =>
          flatPoints(series, measurement, start - 86_400_000, Date.now() + 3_600_000),
        ),
      );
      expect(theirs, `${measurement}: as in the database`).toEqual(ours);
      expect(theirs, `${measurement}: as rebuilt`).toEqual(again);
      count += theirs?.length ?? 0;
    }
    return count;
  } finally {
    for (const writer of writers) await writer.stop();
    await measured.close();
  }
}

const written = ({ site }: MeasuredSite) =>
  vi.waitFor(async () => expect([...(await waitingByTarget(site.sql)).values()]).toEqual([]), {
    timeout: 120_000,
    interval: 100,
  });

/** What is observed in a round: things on other shelves, one through the door, some of it late. */
function movesOf(
  round: number,
  at: number,
  things: readonly { readonly tag: number }[],
): { agent: string; late: number; draft: Draft }[] {
  const shelf = (n: number) => ["a1", "a2", "b1"][(round + n) % 3] ?? "a1";
  return things.slice(0, 4).flatMap(({ tag }, n) => {
    const late = n === 3 ? 900_000 : n * 1000;
    const first = at - late;
    const arrived: Draft = { type: "arrived", tag, readPoint: shelf(n), first, strength: STRENGTH };
    const side = { reads: 4, first: first - 500, last: first, rssiMax: -50 };
    const passed: Draft = {
      type: "passed",
      pass: (round * 10 + n).toString(16).padStart(32, "0"),
      tag,
      readPoint: "door-1",
      direction: (["in", "out", "unknown"] as const)[n % 3] ?? "in",
      p: 0.9,
      sides: { inside: side, outside: { ...side, first: first - 1500, last: first - 1000 } },
    } satisfies { type: ObservationDraft["type"] } & Draft;
    return [{ agent: "shelves", late, draft: arrived }, ...(n === 0 ? [{ agent: "doors", late, draft: passed }] : [])];
  });
}
