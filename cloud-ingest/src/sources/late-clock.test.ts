import type { TagActKind } from "@storeward/contracts";
import { createLogger, ManualClock } from "@storeward/runtime";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SYSTEM } from "../audit/index.js";
import { migrations as intakeMigrations, Redater } from "../intake/index.js";
import { arrived, departed } from "../locations/drafts.js";
import { LocatedSite } from "../locations/testing.js";
import { TagActs } from "../tags/index.js";
import { ActingJournal, migrations, SourceIntake } from "./index.js";
import { dismiss, refusedActs, tryAgain } from "./refused.js";
import { NOW, Phone } from "./testing.js";

/* Each of two worlds gets the same acts of phones in the same order; in one each phone knows the time from the beginning, in the other it learns it later. */

const MINUTE = 60_000;
const at = (minute: number) => NOW - 240 * MINUTE + minute * MINUTE;
const log = createLogger("test", { level: "silent" });
const clock = new ManualClock({ wall: NOW });
const ledger = "1".repeat(32);
const desk = { actor: "desk", ip: null, requestId: null };

let site: LocatedSite;
let ghosts: Set<string>;
const items = {
  names: async () => new Map<string, string>(),
  accept: async (_tx: unknown, item: string) => {
    if (ghosts.has(item)) throw new RangeError("no such item");
  },
};
let intake: SourceIntake;
let redater: Redater;
let acts: TagActs;
/** Of the next steps of dating anew those with 0 fail, when all is done but the commit. */
let faults: number[] = [];
beforeAll(async () => {
  ghosts = new Set();
  site = await LocatedSite.open([...intakeMigrations, ...migrations]);
  const { tags, journal } = site;
  const { db } = site.test;
  intake = new SourceIntake({ db, journal, tags, items, log, ledger, clock });
  const acting = new ActingJournal({ journal, tags, items, clock, by: SYSTEM });
  redater = new Redater({ db, journal: failing(acting), followers: [], lag: () => 0, log, clock });
  acts = new TagActs({ tags, journal, items, clock });
});
afterAll(() => site.close());

function failing(acting: ActingJournal): Pick<ActingJournal, "rowsOf" | "appendRedated"> {
  return {
    rowsOf: (...asked) => acting.rowsOf(...asked),
    appendRedated: async (...told) => {
      const pos = await acting.appendRedated(...told);
      if (faults.pop() === 0) throw new Error("the power is gone");
      return pos;
    },
  };
}

/** Everything that waits is dated anew, however often it fails. */
async function redateAll(): Promise<void> {
  for (let left = true; left; )
    left = await redater.run().then(
      () => false,
      () => true,
    );
}

interface Act {
  readonly act: TagActKind;
  /** By their places in the lists. */
  readonly item: number;
  readonly tag: number;
  readonly minute: number;
}

type Step = Act & {
  /** 0 and 1 are phones; 2 is somebody at a desk. */
  readonly by: number;
  /** What is in the cloud so far is dated anew before. */
  readonly redates: boolean;
};

const ITEMS = 3;
const TAGS = 3;
const act = {
  act: fc.constantFrom<TagActKind>("bind", "bind", "replace", "retire"),
  item: fc.nat(ITEMS - 1),
  tag: fc.nat(TAGS - 1),
  minute: fc.integer({ min: 0, max: 230 }),
};
const ahead = fc.constantFrom(-3 * 60 * MINUTE, 2 * 60 * MINUTE, -41_000, 0);
const phones = fc.tuple(...[0, 1].map(() => fc.record({ ahead, learnsAfter: fc.nat(6) })));

let epcs = 0;

/** Things with tags, and the phones of one world. */
class World {
  readonly items: string[];
  readonly epcs: string[];
  readonly #phones: readonly { readonly phone: Phone; readonly learnsAfter: number; acts: number; sent: number }[];
  /** How each act was told, by the number of its step. */
  readonly #rows = new Map<string, number>();

  private constructor(phones: readonly { readonly phone: Phone; readonly learnsAfter: number }[]) {
    this.#phones = phones.map((each) => ({ ...each, acts: 0, sent: 0 }));
    this.items = Array.from({ length: ITEMS }, () => site.item());
    ghosts.add(this.items[2] ?? "");
    this.epcs = Array.from(
      { length: TAGS },
      () => `3034257BF4${(epcs++).toString(16).toUpperCase().padStart(14, "0")}`,
    );
  }

  /** @param isLate otherwise each phone knows the time from the beginning */
  static async of(given: readonly { readonly ahead: number; readonly learnsAfter: number }[], isLate: boolean) {
    const made = given.map(async ({ ahead, learnsAfter }) => ({
      phone: await Phone.registered(site.test.db, ahead),
      learnsAfter: isLate ? learnsAfter : 0,
    }));
    return new World(await Promise.all(made));
  }

  async does({ by, act, item, tag, minute }: Step, n: number): Promise<boolean> {
    const [id = "", epc = ""] = [this.items[item], this.epcs[tag]];
    if (by === 2) return this.atDesk(act, item, tag, minute);
    const known = this.#phones[by];
    if (known === undefined) return false;
    if (known.acts++ === known.learnsAfter) known.phone.learns(at(0));
    known.phone.done({ act, item: id, epc, at: at(minute) });
    this.#rows.set(`${known.phone.id} ${known.phone.bodies.length}`, n);
    await this.#send(known);
    return true;
  }

  /** Whether it could be done. */
  atDesk(act: TagActKind, item: number, tag: number, minute: number): Promise<boolean> {
    const asked = { act, epc: this.epcs[tag] ?? "", validFrom: new Date(at(minute)).toISOString() };
    return site.test.db
      .transaction((tx) => acts.act(tx, this.items[item] ?? "", asked, desk))
      .then(
        () => true,
        () => false,
      );
  }

  /** A thing is entered in the catalogue, with a tag on it. */
  async enters(item: number, tag: number): Promise<void> {
    const pair = { item: this.items[item] ?? "", epc: this.epcs[tag] ?? "" };
    await site.test.db.transaction((tx) => acts.bindNew(tx, [pair], desk)).catch(() => undefined);
  }

  /** Those that have not learnt the time do now. */
  async end(): Promise<void> {
    for (const known of this.#phones) {
      if (known.acts <= known.learnsAfter) known.phone.learns(at(0));
      await this.#send(known);
    }
    await redateAll();
  }

  async #send(known: { readonly phone: Phone; sent: number }): Promise<void> {
    const { phone } = known;
    const answer = await intake.take(phone.batch(known.sent + 1), desk);
    expect(answer.answers).toMatchObject([{ kind: "ack", committed: phone.bodies.length }]);
    known.sent = phone.bodies.length;
  }

  async spells() {
    const rows = await site.sql.query<{ epc: string; item: string; from: Date; to: Date | null }>(
      `select t.epc, a.item, a.valid_from as from, a.valid_to as to from tag_assignment a join tag t on t.number = a.tag
       where a.recorded_to is null and t.epc = any($1) order by a.valid_from, t.epc`,
      [this.epcs],
    );
    return rows.map(({ epc, item, from, to }) => ({
      tag: this.epcs.indexOf(epc),
      item: this.items.indexOf(item),
      from: (from.getTime() - at(0)) / MINUTE,
      to: to && (to.getTime() - at(0)) / MINUTE,
    }));
  }

  /** By the numbers of their steps. */
  async refused() {
    const all = await refusedActs(site.sql, items, { source: undefined, limit: 100_000 });
    const own = all.flatMap(({ source, epoch, seq, code, observedAt, standsAt }) => {
      const step = this.#rows.get(`${source} ${seq}`);
      return step === undefined
        ? []
        : [{ step, code, at: (Date.parse(observedAt) - at(0)) / MINUTE, standsAt, place: { source, epoch, seq } }];
    });
    return own.sort((a, b) => a.step - b.step);
  }

  /** How often each act was dated anew, by the audit. */
  async redated() {
    const rows = await site.sql.query<{ n: number }>(
      `select count(*) as n from audit_entry where action = 'act.redated' and subject = any($1) group by subject, detail -> 'seq'`,
      [this.#phones.map(({ phone }) => `source:${phone.id}`)],
    );
    return rows.map(({ n }) => n);
  }

  /** Every act that is listed, in its order. */
  listed() {
    return site.sql.query<{
      act: TagActKind;
      epc: string;
      item: string;
      at: Date;
      refused: boolean;
      agent: string | null;
    }>(
      "select a.act, t.epc, a.item, a.at, a.refused, a.agent from tag_act a join tag t on t.number = a.tag where t.epc = any($1) order by a.id",
      [this.epcs],
    );
  }

  /** How it is that things are so: the same acts, once more, on things that nobody has met, in a transaction of which nothing stays. */
  async explained() {
    const again = await World.of([], false);
    for (const act of await this.listed()) {
      const [item, tag] = [this.items.indexOf(act.item), this.epcs.indexOf(act.epc)];
      const done = await again.atDesk(act.act, item, tag, (act.at.getTime() - at(0)) / MINUTE);
      expect(done, "what is refused, and nothing else, cannot be done").toBe(!act.refused);
    }
    return again.spells();
  }

  async stays() {
    const rows = await site.sql.query<{ item: string; place: string }>(
      `SELECT item, s.place, s.state, from_at, to_at, coalesce(s.p, l.p) AS p FROM item_stay s JOIN item_location l USING (item)
       WHERE item = ANY ($1) AND NOT withdrawn AND (to_at IS NULL OR to_at > from_at) ORDER BY opening_at, array_position($1, item)`,
      [this.items],
    );
    return rows.map(({ item, ...rest }) => ({ ...rest, item: this.items.indexOf(item) }));
  }
}

const fails = fc.array(fc.nat(2), { maxLength: 4 });
const runs = (usual: number) => Number(process.env.STOREWARD_RUNS ?? usual);

describe("acts of phones that learn the time later", () => {
  it("come to the same as if they had known it: what is on what since when, what is refused, and where things are", async () => {
    const sightings = fc.array(fc.record({ tag: act.tag, minute: act.minute, gone: fc.boolean(), after: fc.nat(9) }), {
      maxLength: 5,
    });
    const given = fc.array(fc.record({ ...act, by: fc.nat(1), redates: fc.boolean() }), { minLength: 1, maxLength: 9 });
    const before = fc.array(fc.record({ ...act, enters: fc.boolean() }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(phones, before, given, sightings, fails, async (phones, before, steps, seen, fails) => {
        faults = [...fails];
        const worlds = await Promise.all([false, true].map((isLate) => World.of(phones, isLate)));
        const see = async (now: (after: number) => boolean) => {
          for (const { tag, minute, gone, after } of seen.toSorted((a, b) => a.minute - b.minute)) {
            if (!now(after)) continue;
            for (const world of worlds) {
              const number = await site.tag(world.epcs[tag] ?? "");
              const draft = gone ? departed(number, "a1", at(minute) - 3_000) : arrived(number, "a1", at(minute));
              await site.observe("shelves", at(minute), draft);
            }
          }
        };
        for (const { act, item, tag, minute, enters } of before)
          for (const world of worlds) await (enters ? world.enters(item, tag) : world.atDesk(act, item, tag, minute));
        await see((after) => after < 3);
        for (const [n, step] of steps.entries()) {
          if (step.redates) await redater.run().catch(() => undefined);
          if (n === 4) await site.follow();
          for (const world of worlds) await world.does({ ...step }, n);
        }
        await see((after) => after >= 3);
        for (const world of worlds) await world.end();
        await site.follow();
        const [right, late] = worlds as [World, World];
        expect(await late.spells()).toEqual(await right.spells());
        const refused = async (world: World) => (await world.refused()).map(({ place: _, ...rest }) => rest);
        expect(await refused(late)).toEqual(await refused(right));
        expect(await late.stays()).toEqual(await right.stays());
        expect(Math.max(0, ...(await late.redated()))).toBeLessThanOrEqual(1);
      }),
      { numRuns: runs(8) },
    );
  }, 600_000);

  it("undo nothing of what others were told is done: what is then at odds waits for a decision, and stays as it was", async () => {
    const given = fc.array(fc.record({ ...act, by: fc.nat(2), redates: fc.boolean() }), { minLength: 3, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(phones, given, fc.array(fc.boolean()), fails, async (phones, steps, again, fails) => {
        faults = [...fails];
        const world = await World.of(phones, true);
        let atDesk = 0;
        for (const [n, step] of steps.entries()) {
          if (step.redates) await redater.run().catch(() => undefined);
          if ((await world.does(step, n)) && step.by === 2) atDesk++;
        }
        await world.end();
        const holds = async () => {
          expect(await world.explained()).toEqual(await world.spells());
          const listed = await world.listed();
          expect(listed.filter(({ agent }) => agent === null)).toHaveLength(atDesk);
          expect(listed.filter(({ agent, refused }) => agent === null && refused)).toEqual([]);
          return listed.filter(({ refused }) => refused).length;
        };
        const waiting = await world.refused();
        expect(waiting.filter(({ standsAt }) => standsAt === null)).toHaveLength(await holds());
        for (const [n, { place }] of waiting.entries())
          if (again[n] === true)
            await tryAgain({ db: site.test.db, journal: site.journal, tags: site.tags, items, clock }, place, desk);
          else await dismiss(site.test.db, place, desk);
        await holds();
      }),
      { numRuns: runs(6) },
    );
  }, 600_000);

  it("say of one that somebody has ended since, and that was done only after that, how it stands and why", async () => {
    const world = await World.of([{ ahead: -3 * 60 * MINUTE, learnsAfter: 1 }], true);
    faults = [];
    await world.does({ by: 0, act: "bind", item: 0, tag: 0, minute: 190, redates: false }, 0);
    expect(await world.atDesk("retire", 0, 0, 60)).toBe(true);
    const before = await world.spells();
    expect(before).toEqual([{ tag: 0, item: 0, from: 10, to: 60 }]);
    await world.end();
    expect(await world.spells()).toEqual(before);
    const [refused] = await world.refused();
    const standsAt = new Date(at(10)).toISOString();
    expect(refused).toMatchObject({ code: "ACT_OVERTAKEN", at: 190, standsAt });
    const settling = { db: site.test.db, journal: site.journal, tags: site.tags, items, clock };
    const place = refused?.place ?? { source: "", epoch: "", seq: 0 };
    expect(await tryAgain(settling, place, desk)).toContain("what desk did since would not have been possible");
    // Somebody says that it was on the thing before, so that it can have been retired from it then.
    expect(await world.atDesk("bind", 0, 0, 60)).toBe(true);
    expect(await tryAgain(settling, place, desk)).toContain("desk");
    await dismiss(site.test.db, place, desk);
    expect(await world.refused()).toEqual([]);
    expect(await world.explained()).toEqual(await world.spells());
  });
});
