import type { Item, LocationEvent, PassageEvent, SimulatedTruth } from "@storeward/contracts";

/** An item must have rested so long before its place is compared. */
const REST_MS = 5000;
/** What has moved so lately is "moved in the last minutes". */
const LATELY_MS = 5 * 60_000;
/** What moved so shortly before the watch may be told so much later, within it. */
const BEFORE_MS = 20_000;
/** An event belongs to a true passage that happened at most so long before or after it. */
const MATCH_MS = 4000;

export interface Figures {
  /** EPCs of what is there and in no list. */
  readonly missing: readonly string[];
  readonly rested: number;
  readonly restedRight: number;
  readonly unmoved: number;
  readonly falseMoves: number;
  readonly passages: number;
  readonly recalled: number;
  readonly wrongDirection: number;
  readonly falsePassages: number;
  readonly falsePassagesParked: number;
  /** Things of which one passage was told more than once. */
  readonly repeated: number;
  /** From the last read of each passage to its live event, ms, ascending. */
  readonly latencies: readonly number[];
}

interface Told<T> {
  readonly at: number;
  readonly event: T;
}

/** A thing at a door. */
interface Passing {
  readonly epc: string;
  readonly readPoint: string;
  readonly direction: PassageEvent["direction"];
  readonly at: number;
}

type SimulatedItem = SimulatedTruth["items"][number];
type Items = ReadonlyMap<string, Item>;

export interface Leeway {
  /** EPCs of what was left standing at a door. */
  readonly parked: readonly string[];
  /** Codes of places at which nobody looks: what was there, or was said from the first to be, is not judged. */
  readonly unwatched: readonly string[];
}

/** What is said beside what is true, and how often the two differ. Times are ms since 1970. */
export class Judgement {
  readonly #parked: ReadonlySet<string>;
  readonly #unwatched: ReadonlySet<string>;
  readonly #passages: Told<PassageEvent>[] = [];
  readonly #moves: Told<LocationEvent>[] = [];
  readonly #begun: number;
  /** What happens from here on is not judged. */
  #ended = Number.POSITIVE_INFINITY;
  readonly #met = new Set<string>();
  readonly #moved = new Set<string>();
  readonly #unseen = new Set<string>();
  readonly #missing = new Set<string>();
  readonly #wrong: string[] = [];
  #rested = 0;
  #restedRight = 0;

  constructor(begun: number, { parked, unwatched }: Leeway) {
    this.#begun = begun;
    this.#parked = new Set(parked);
    this.#unwatched = new Set(unwatched);
  }

  end(at: number): void {
    this.#ended = at;
  }

  toldPassage(at: number, event: PassageEvent): void {
    this.#passages.push({ at, event });
  }

  toldMove(at: number, event: LocationEvent): void {
    this.#moves.push({ at, event });
  }

  /** One look at everything: what is said, and what was true right before and right after it was asked. */
  look(before: SimulatedTruth, items: Items, after: SimulatedTruth): void {
    const later = new Map(after.items.map((item) => [item.epc, item]));
    for (const truth of before.items) {
      this.#met.add(truth.epc);
      // One that left and came back between two looks is where it was, but not since then.
      if (truth.carried || Date.parse(truth.since) > this.#begun - BEFORE_MS) this.#moved.add(truth.epc);
      const item = items.get(truth.epc);
      if (this.#isUnseen(truth, item, Date.parse(before.at))) this.#unseen.add(truth.epc);
      if (item === undefined) this.#missing.add(truth.epc);
      if (item === undefined || this.#unseen.has(truth.epc) || !this.#atRest(truth, Date.parse(before.at))) continue;
      if (later.get(truth.epc)?.observablePlace !== truth.observablePlace) continue;
      this.#rested++;
      if (item.place?.code === truth.observablePlace) this.#restedRight++;
      else this.#wrong.push(`${truth.epc} is in ${truth.observablePlace}, said ${item.place?.code} (${item.state})`);
    }
  }

  /** What was taken from where nobody looks before this began is said to be there still; what comes to be said so later has to be true. */
  #isUnseen({ observablePlace }: SimulatedItem, item: Item | undefined, now: number): boolean {
    if (this.#unwatched.has(observablePlace)) return true;
    return now < this.#begun + BEFORE_MS && this.#unwatched.has(item?.place?.code ?? "");
  }

  #atRest(truth: SimulatedItem, now: number): boolean {
    const since = Date.parse(truth.since);
    return !truth.carried && since > this.#begun && now - since >= REST_MS && now - since <= LATELY_MS;
  }

  /** What was wrong, each once with how often. */
  get mistakes(): string[] {
    const counts = new Map<string, number>();
    for (const text of this.#wrong) counts.set(text, (counts.get(text) ?? 0) + 1);
    return [...counts].map(([text, count]) => `${count} × ${text}`);
  }

  /** Once all is told: with what is said and true at the end. */
  figures(items: Items, truth: SimulatedTruth): Figures {
    const epcOf = new Map([...items].map(([epc, item]) => [item.id, epc]));
    const told = this.#passages.flatMap(({ event }) =>
      event.items.map(({ id }) => ({
        pass: event.pass,
        epc: epcOf.get(id) ?? "",
        readPoint: event.readPoint,
        direction: event.direction,
        at: Date.parse(event.observedAt),
      })),
    );
    const real = truth.passages
      .map((passage) => ({ ...passage, at: Date.parse(passage.at) }))
      .flatMap((passage) => passage.epcs.map((epc) => ({ ...passage, epc })));
    const due = real.filter(({ at }) => at > this.#begun + MATCH_MS && at < this.#ended);
    const found = pairs(real, told);
    const taken = new Set(found.values());
    const falseOnes = told.filter((event) => event.direction !== "unknown" && !taken.has(event));
    for (const { epc } of truth.items) if (!items.has(epc)) this.#missing.add(epc);
    const isStill = (epc: string) => !this.#moved.has(epc) && !this.#unseen.has(epc);
    const still = [...this.#met].filter(isStill);
    // By its own date a move may claim to be of later than it is told.
    const inTime = this.#moves.filter(({ at, event }) => Math.min(at, Date.parse(event.observedAt)) < this.#ended);
    const falseMoves = inTime.filter(({ event }) => isMove(event) && still.includes(event.item.epc ?? ""));
    for (const { at, event } of falseMoves)
      this.#wrong.push(
        `${event.item.epc} rests, said to move from ${event.from?.code} to ${event.item.place?.code} after ${Math.round((at - this.#begun) / 1000)} s`,
      );
    return {
      missing: [...this.#missing],
      rested: this.#rested,
      restedRight: this.#restedRight,
      unmoved: still.length,
      falseMoves: falseMoves.length,
      passages: due.length,
      recalled: due.filter((passage) => found.has(passage)).length,
      wrongDirection: due.filter(
        (passage) => (found.get(passage)?.direction ?? passage.direction) !== passage.direction,
      ).length,
      falsePassages: falseOnes.length,
      falsePassagesParked: falseOnes.filter(({ epc }) => this.#parked.has(epc)).length,
      repeated: told.length - new Set(told.map(({ pass, epc }) => `${pass} ${epc}`)).size,
      latencies: this.#passages.map(({ at, event }) => at - Date.parse(event.observedAt)).sort((a, b) => a - b),
    };
  }
}

/** From one place to another: a first place is no move, nor is a change of state. */
function isMove({ from, item }: LocationEvent): boolean {
  return from !== null && item.place !== null && from.id !== item.place.id;
}

/** Which event tells of which true passage: each of one at most, the nearest, and rather of one in its own direction. */
function pairs<E extends Passing>(real: readonly Passing[], told: readonly E[]): Map<Passing, E> {
  const found = new Map<Passing, E>();
  const taken = new Set<E>();
  for (const wants of [(a: Passing, b: Passing) => a.direction === b.direction, () => true])
    for (const passage of real) {
      if (found.has(passage)) continue;
      const away = ({ at }: Passing) => Math.abs(at - passage.at);
      const [nearest] = told
        .filter((event) => !taken.has(event) && event.epc === passage.epc && event.readPoint === passage.readPoint)
        .filter((event) => away(event) < MATCH_MS && wants(event, passage))
        .sort((a, b) => away(a) - away(b));
      if (nearest === undefined) continue;
      found.set(passage, nearest);
      taken.add(nearest);
    }
  return found;
}
