import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Observation } from "@storeward/contracts";
import { createLogger, ManualClock } from "@storeward/runtime";
import { afterAll, describe, expect, it } from "vitest";
import type { Filter } from "./filtering/index.js";
import type { StoredPresence } from "./journal/journal.js";
import { openJournal } from "./journal/sqlite-journal.js";
import type { ReaderEvent } from "./readers/index.js";
import { Recorder } from "./recorder.js";

const dir = mkdtempSync(join(tmpdir(), "storeward-recorder-"));
afterAll(() => rmSync(dir, { recursive: true }));
const log = createLogger("test", { level: "silent" });
const MIB = 1024 * 1024;
let files = 0;

/** Tells every input at once with a long body, and coverage; has looked up to 10 ms ago. */
class PlainFilter implements Filter {
  readonly told: ReaderEvent[] = [];
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  handle(_reader: string, event: ReaderEvent) {
    this.told.push(event);
    if (event.type !== "input") return [];
    const draft = { type: "gap" as const, why: "x".repeat(40_000), from: event.at, to: event.at };
    return [{ draft, presence: { readPoint: "p", epc: String(event.port), state: "here" } }];
  }

  tick() {
    return [];
  }

  nextDue() {
    return undefined;
  }

  filtered() {
    return { foreign: 1, persons: 2 };
  }

  problems() {
    return [];
  }

  coverage() {
    return [];
  }

  through() {
    return this.#clock.mono() - 10;
  }

  readPointOf() {
    return "p";
  }

  takeInventory() {
    return ["p"];
  }
}

function made() {
  const clock = new ManualClock();
  const journal = openJournal({ file: join(dir, `${files++}.db`), maxBytes: 4 * MIB, config: 1, clock, log });
  const filters: { filter: PlainFilter; stored: readonly StoredPresence[]; lastAlive: number | undefined }[] = [];
  let kept = 0;
  const recorder = new Recorder({
    journal,
    clock,
    log,
    makeFilter: (stored, lastAlive) => {
      const filter = new PlainFilter(clock);
      filters.push({ filter, stored, lastAlive });
      return filter;
    },
    onKept: () => kept++,
  });
  const see = (port: number) => recorder.handle("r1", { type: "input", port, high: true, at: clock.mono() });
  return { clock, journal, recorder, filters, see, kept: () => kept };
}

describe("the recorder", () => {
  it("has looked only as far as what is on disk", async () => {
    const { clock, journal, recorder, see, kept } = made();
    await recorder.start();
    await clock.advance(1_000);
    expect(recorder.through()).toBe(990);
    see(1);
    await clock.advance(10);
    expect([recorder.through(), kept()]).toEqual([990, 0]);
    await clock.advance(20);
    expect([recorder.through(), kept()]).toEqual([1_020, 1]);
    await recorder.stop();
    journal.close();
    expect(clock.pending).toBe(0);
  });

  it("observes nothing while the journal refuses, and begins anew from what the journal knows", async () => {
    const { clock, journal, recorder, filters, see } = made();
    await recorder.start();
    recorder.handle("r1", { type: "coverage", antennas: [1, 2], state: "watching", since: 0, why: "connected" });
    recorder.handle("r1", { type: "coverage", antennas: [2], state: "blind", since: 0, why: "cable" });
    for (let port = 0; !journal.stats().full; port++) {
      see(port);
      await clock.advance(100);
    }
    const through = recorder.through();
    const refusedAt = clock.wall();
    const { refused, head } = journal.stats();
    for (let i = 0; i < 100; i++) see(i);
    await clock.advance(30_000);
    // Nothing more is asked of a full journal, and nothing is promised.
    expect(journal.stats()).toMatchObject({ refused, full: true, head });
    expect(recorder.through()).toBe(through);
    expect(filters).toHaveLength(1);

    journal.acknowledge(journal.epoch, head, journal.chainAt(head)!, head);
    await clock.advance(6_000);
    expect(filters).toHaveLength(2);
    const [, again] = filters;
    expect(refusedAt - again!.lastAlive!).toBeLessThan(200);
    expect(again!.stored).toEqual(journal.presences());
    expect(again!.filter.told).toMatchObject([
      { type: "coverage", antennas: [1], state: "watching", why: "connected" },
      { type: "coverage", antennas: [2], state: "blind", why: "cable" },
    ]);
    see(7);
    await clock.advance(100);
    const rows = journal.read(head, 10, 1e9).map(({ body }) => JSON.parse(body) as Observation);
    expect(rows).toMatchObject([{ type: "gap", why: "the journal is full", count: refused }, { type: "gap" }]);
    expect(recorder.through()).toBeGreaterThan(through);
    await recorder.stop();
    journal.close();
  });
});
