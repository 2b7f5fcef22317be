import type { ObservationDraft, Site } from "@storeward/contracts";
import { observedAt } from "../../src/intake/dating.js";
import type { JournalRow, RecordedObservation } from "../../src/journal/index.js";
import { alternativesOf, remaining, shelvesOf, stateOf, watchersOf } from "../../src/locations/confidence.js";
import { KeptInMemory } from "../../src/locations/fold/testing.js";
import { missedAt } from "../../src/locations/shelf-book.js";
import { arrivalsAfterWords, type LastWord } from "../../src/locations/shelf-words.js";
import { type Sighting, sightingsOf, Zones } from "../../src/locations/sighting.js";
import { Directory, type PlaceRow } from "../../src/places/directory.js";
import type { Answer, Locator, Move } from "./locator.js";
import { SpellsInMemory } from "./spells.js";

/** A row as it comes from an agent. Times of the draft and `mono` are simulated ms. */
export interface Row {
  readonly agent: string;
  readonly mono: number;
  /** What must be added to `mono` by all that the cloud knows when the row comes. */
  readonly clock: number;
  readonly draft: ObservationDraft;
}

/** The pure parts of the service between the journal and an answer, with memory in place of tables. */
export class SimulatedCloud implements Locator {
  readonly name = "Storeward";
  readonly #zones: Zones;
  readonly #watchers: ReadonlyMap<string, readonly string[]>;
  readonly #shelves: ReadonlySet<string>;
  readonly #spells = new SpellsInMemory();
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #epcs: readonly string[];
  readonly #items = new Map<string, KeptInMemory>();
  readonly #words = new Map<string, LastWord>();
  readonly #held = new Map<string, Set<number>>();
  readonly #parts = new Map<string, number[][]>();
  readonly #seqs = new Map<string, number>();

  constructor(site: Site, epcs: readonly string[]) {
    const directory = directoryOf(site);
    this.#zones = new Zones(directory);
    this.#watchers = watchersOf(directory);
    this.#shelves = shelvesOf(directory);
    this.#epcs = epcs;
    this.#numbers = new Map(epcs.map((epc, index) => [epc, index]));
  }

  receive(rows: readonly Row[], now: number): void {
    const sightings = rows.flatMap((row) => this.#sightings(row, now));
    const byTag = new Map<number, Sighting[]>();
    for (const each of sightings) byTag.set(each.tag, [...(byTag.get(each.tag) ?? []), each]);
    for (const [tag, news] of byTag) {
      const epc = this.#epcs[tag] ?? "";
      const item = this.#items.get(epc) ?? new KeptInMemory();
      this.#items.set(epc, item);
      item.take(news.map(({ at, agent, epoch, seq, fact }) => ({ at, agent, epoch, seq, tag, fact })));
    }
  }

  /** Everything that the agent has observed up to then is here. */
  through(agent: string, at: number): void {
    this.#spells.through(agent, at);
  }

  answer(epc: string, now: number): Answer {
    const state = this.#items.get(epc)?.kept.state;
    const stay = state?.stay ?? null;
    if (state === undefined || stay === null) return { place: undefined, p: 0, claimed: false };
    const seenAt = state.seenAt ?? now;
    const blind = Math.max(
      0,
      ...(this.#watchers.get(stay.place) ?? []).map((point) => this.#spells.blindSeconds(point, seenAt, now)),
    );
    const base = (state.movingUntil ?? 0) > now ? "moving" : stay.state;
    const since = { elapsed: (now - seenAt) / 1000, blind };
    const held = this.#shelves.has(stay.place);
    const { state: said, confidence } = stateOf({ place: stay.place, state_base: base, p: stay.p }, since, held);
    const others = alternativesOf(state.belief, stay.place, remaining(since, held));
    return { place: stay.place, p: confidence, claimed: said !== "unknown", others };
  }

  item(epc: string): KeptInMemory | undefined {
    return this.#items.get(epc);
  }

  moves(epc: string): readonly Move[] {
    return (
      this.#items
        .get(epc)
        ?.stays()
        .map(({ from, place }) => ({ at: from, place })) ?? []
    );
  }

  #sightings({ agent, mono, clock, draft }: Row, now: number): Sighting[] {
    const dated = observedAt({ boot: "", mono, wall: new Date(mono + clock).toISOString() }, undefined, now);
    const seq = (this.#seqs.get(agent) ?? 0) + 1;
    this.#seqs.set(agent, seq);
    const body = this.#numbered(draft);
    if (body === undefined) return [];
    const row: JournalRow = {
      partition: 0,
      pos: seq,
      recordedAt: new Date(now),
      agent,
      epoch: agent,
      seq,
      observedAt: dated.at,
      monoOffset: dated.monoOffset,
      body,
    };
    if (body.type === "coverage")
      this.#spells.cover(
        body.readPoint,
        agent,
        body.state,
        Math.min(body.since + row.monoOffset, row.observedAt.getTime()),
      );
    const found = arrivalsAfterWords(this.#words, sightingsOf(row, this.#zones));
    const missed = body.type === "inventoried" ? this.#missed(row, body) : [];
    for (const { readPoint, tag, fact } of found) {
      const held = this.#held.get(readPoint) ?? new Set();
      this.#held.set(readPoint, held);
      if (fact.kind === "present") held.add(tag);
      else if (fact.kind === "gone") held.delete(tag);
    }
    return [...found, ...missed];
  }

  #missed(row: JournalRow, body: Extract<RecordedObservation, { type: "inventoried" }>): Sighting[] {
    const key = `${row.agent} ${body.inventory}`;
    const parts = [...(this.#parts.get(key) ?? []), body.tags.map(({ tag }) => tag)];
    this.#parts.set(key, parts);
    if (parts.length < body.parts) return [];
    this.#parts.delete(key);
    const found = new Set(parts.flat());
    const held = [...(this.#held.get(body.readPoint) ?? [])];
    return missedAt(
      row,
      body,
      this.#zones,
      held.filter((tag) => !found.has(tag)),
    );
  }

  /** With numbers in place of tags; undefined where it is of a tag that is in no list. */
  #numbered(draft: ObservationDraft): RecordedObservation | undefined {
    const head = { at: { boot: "", mono: 0, wall: "" }, config: 1 };
    const number = (epc: string) => this.#numbers.get(epc);
    if ("tag" in draft) {
      const tag = number(draft.tag.epc);
      return tag === undefined ? undefined : ({ ...draft, ...head, tag } as RecordedObservation);
    }
    if (!("tags" in draft)) return { ...draft, ...head } as RecordedObservation;
    const tags = draft.tags.flatMap(({ tag: { epc }, strength }) => {
      const tag = number(epc);
      return tag === undefined ? [] : [{ tag, strength }];
    });
    return { ...draft, ...head, tags } as RecordedObservation;
  }
}

/** Places go by their codes here. */
function directoryOf({ site, places, readPoints }: Site): Directory {
  const rows = places.map(
    ({ id, name, type, parent, outline, position, neighbours }): PlaceRow => ({
      id,
      code: id,
      open: true,
      name,
      type,
      parent: parent ?? null,
      outline: (outline as [number, number][] | undefined) ?? null,
      position: (position as [number, number] | undefined) ?? null,
      neighbours: neighbours ?? [],
    }),
  );
  return new Directory(site, rows, readPoints);
}
