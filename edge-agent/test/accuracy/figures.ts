import { observablePlaces, type PortalReadPoint, type SimulatedTruth } from "@storeward/contracts";
import { SimulatedEdge, type Told } from "./simulated-edge.js";

/** A passage told is a true one that happened at most so long before or after it, ms. */
const MATCH_MS = 4_000;
/** An item is compared once it has rested so long, and as long as that was in the last minutes, ms. */
const REST_MS = 5_000;
const LATELY_MS = 5 * 60_000;
/** First impressions are no moves, ms. */
const SETTLING_MS = 20_000;
/** Two things are left at each door so often, and stand there once nobody has carried them for so long, ms. */
const PARK_EVERY_MS = 240_000;
const STANDS_MS = 5_000;
const LATE_MS = 700;

interface Passage {
  readonly epc: string;
  readonly readPoint: string;
  readonly direction: string;
  readonly at: number;
}

export interface Figures {
  portalHours: number;
  passages: number;
  recalled: number;
  wrongDirection: number;
  falsePassages: number;
  /** Of things that stand a metre inside a door. */
  falsePassagesParked: number;
  /** Of the passages told, those that were more than 700 ms after their last read: the way to a page takes up to 300. */
  late: number;
  looks: number;
  looksRight: number;
  unmoved: number;
  falseMoves: number;
}

/** Lets a simulated hospital live for so long, and compares what the filters of its devices say with the truth. */
export function figuresOf(seed: number, minutes: number, pace = 2): Figures {
  const edge = new SimulatedEdge(seed, pace);
  const comparison = new Comparison(edge);
  comparison.run(minutes * 60_000);
  console.log(`seed ${seed}, ${minutes} minutes: the filters told ${edge.digest()}`);
  return comparison.figures();
}

/** The last word of the filters on each thing, passage by passage and look by look beside the truth. */
class Comparison {
  readonly #edge: SimulatedEdge;
  readonly #zones: ReadonlyMap<string, string>;
  readonly #doors: readonly PortalReadPoint[];
  readonly #listed: ReadonlySet<string>;
  readonly #places = new Map<string, string>();
  readonly #told: (Passage & { readonly stands: boolean; readonly late: boolean })[] = [];
  readonly #real = new Map<string, Passage>();
  readonly #parked = new Set<string>();
  readonly #carried = new Map<string, number>();
  readonly #firstPlaces = new Map<string, string>();
  readonly #moved = new Set<string>();
  readonly #moves = new Map<string, number>();
  #looks = 0;
  #looksRight = 0;

  constructor(edge: SimulatedEdge) {
    this.#edge = edge;
    const { site } = edge.time;
    this.#zones = observablePlaces(site);
    this.#doors = site.readPoints.filter((point) => point.role === "portal");
    this.#listed = new Set(edge.time.truth().items.map(({ epc }) => epc));
  }

  run(ms: number): void {
    const { time } = this.#edge;
    this.#park();
    while (time.now < ms) {
      for (const told of this.#edge.step()) this.#take(told);
      if (time.now % PARK_EVERY_MS === 0) this.#park();
      if (time.now % 1000 === 0) this.#look(time.truth());
    }
  }

  figures(): Figures {
    const { now } = this.#edge.time;
    const real = [...this.#real.values()];
    const due = real.filter(({ at }) => at > SETTLING_MS && at < now - MATCH_MS);
    const found = due.map((passage) => ({ passage, told: this.#told.filter((one) => same(one, passage)) }));
    const seen = found.filter(({ told }) => told.length > 0);
    const wrong = seen.filter(({ passage, told }) => told.every(({ direction }) => direction !== passage.direction));
    const invented = this.#told.filter((one) => !real.some((passage) => same(one, passage)));
    const still = [...this.#firstPlaces.keys()].filter((epc) => !this.#moved.has(epc));
    return {
      portalHours: (this.#doors.length * now) / 3_600_000,
      passages: due.length,
      recalled: seen.length,
      wrongDirection: wrong.length,
      falsePassages: invented.length,
      falsePassagesParked: invented.filter(({ stands }) => stands).length,
      late: this.#told.filter(({ late }) => late).length,
      looks: this.#looks,
      looksRight: this.#looksRight,
      unmoved: still.length,
      falseMoves: still.reduce((sum, epc) => sum + (this.#moves.get(epc) ?? 0), 0),
    };
  }

  #park(): void {
    const { time } = this.#edge;
    for (const { id, inside } of this.#doors)
      for (const { epc } of time
        .truth()
        .items.filter((item) => item.place === inside && !item.carried)
        .slice(0, 2)) {
        time.park(epc, id);
        this.#parked.add(epc);
      }
  }

  #take({ draft, at: now }: Told): void {
    if (draft.type === "passed" && this.#listed.has(draft.tag.epc)) {
      const { tag, readPoint, direction, sides } = draft;
      const centres = [sides.inside, sides.outside].flatMap((side) =>
        side === undefined ? [] : [(side.first + side.last) / 2],
      );
      const at = centres.reduce((sum, centre) => sum + centre, 0) / centres.length;
      const late = now - Math.max(sides.inside?.last ?? 0, sides.outside?.last ?? 0) > LATE_MS;
      this.#told.push({ epc: tag.epc, readPoint, direction, at, stands: this.#stands(tag.epc), late });
      const door = this.#doors.find(({ id }) => id === readPoint);
      if (door !== undefined) this.#move(tag.epc, direction === "in" ? door.inside : door.outside);
    }
    if (draft.type !== "arrived" && draft.type !== "departed") return;
    if (this.#doors.some(({ id }) => id === draft.readPoint)) return;
    if (draft.type === "arrived") this.#move(draft.tag.epc, draft.readPoint);
    else if (this.#places.get(draft.tag.epc) === draft.readPoint)
      this.#move(draft.tag.epc, this.#roomOf(draft.readPoint));
  }

  #look({ items, passages }: SimulatedTruth): void {
    const { now } = this.#edge.time;
    for (const { epcs, at, readPoint, direction } of passages)
      for (const epc of epcs) this.#real.set(`${epc} ${at}`, { epc, readPoint, direction, at: Date.parse(at) });
    for (const { epc, observablePlace, carried, since } of items) {
      const first = this.#firstPlaces.get(epc);
      if (first === undefined) this.#firstPlaces.set(epc, observablePlace);
      else if (first !== observablePlace || carried) this.#moved.add(epc);
      if (carried) this.#carried.set(epc, now);
      const rested = now - Date.parse(since);
      if (carried || Date.parse(since) === 0 || rested < REST_MS || rested > LATELY_MS) continue;
      this.#looks++;
      if (this.#places.get(epc) === observablePlace) this.#looksRight++;
    }
  }

  #move(epc: string, place: string): void {
    const to = this.#zones.get(place) ?? place;
    const before = this.#places.get(epc);
    this.#places.set(epc, to);
    if (before !== undefined && before !== to && this.#edge.time.now > SETTLING_MS)
      this.#moves.set(epc, (this.#moves.get(epc) ?? 0) + 1);
  }

  #stands(epc: string): boolean {
    return this.#parked.has(epc) && this.#edge.time.now - (this.#carried.get(epc) ?? 0) > STANDS_MS;
  }

  #roomOf(place: string): string {
    const { places } = this.#edge.time.site;
    let at = places.find(({ id }) => id === place);
    while (at !== undefined && at.type !== "room") at = places.find(({ id }) => id === at?.parent);
    return at?.id ?? place;
  }
}

function same(a: Passage, b: Passage): boolean {
  return a.epc === b.epc && a.readPoint === b.readPoint && Math.abs(a.at - b.at) < MATCH_MS;
}
