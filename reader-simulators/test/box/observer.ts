import type { GatewayList, LocationEvent, PassageEvent, SimulatedTruth } from "@storeward/contracts";
import { type ApiClient, simulatedTruth } from "./api-client.js";

/** An item must have rested so long before its place is compared. */
const REST_MS = 5000;
/** What has moved so lately is "moved in the last minutes". */
const LATELY_MS = 5 * 60_000;
/** What moved so shortly before the watch may be told within it. */
const BEFORE_MS = 20_000;
/** What has been heard is told so much later at most, on a busy machine too. */
const AFTER_MS = 6000;
/** So long the gateways may take until they have said everything up to the end. */
const HEARD_MS = 90_000;
/** An event belongs to a true passage that happened at most so long before or after it. */
const MATCH_MS = 4000;

export interface Figures {
  readonly rested: number;
  readonly restedRight: number;
  readonly unmoved: number;
  readonly falseMoves: number;
  readonly passages: number;
  readonly recalled: number;
  readonly wrongDirection: number;
  readonly falsePassages: number;
  readonly falsePassagesParked: number;
  /** From the last read of each passage to its live event, ms, ascending. */
  readonly latencies: readonly number[];
}

interface Told<T> {
  readonly at: number;
  readonly event: T;
}

type SimulatedItem = SimulatedTruth["items"][number];

export interface Leeway {
  /** The gateways that are to be heard. */
  readonly agents: readonly string[];
  /** EPCs of what was left standing at a door. */
  readonly parked: readonly string[];
  /** Codes of places at which nobody looks: what was ever there is not judged. */
  readonly unwatched: readonly string[];
}

/** Looks at what the API says and what is true, side by side, and counts. */
export class Observer {
  readonly #client: ApiClient;
  readonly #simulation: string;
  readonly #agents: readonly string[];
  readonly #parked: ReadonlySet<string>;
  readonly #unwatched: ReadonlySet<string>;
  readonly #passages: Told<PassageEvent>[] = [];
  readonly #moves: Told<LocationEvent>[] = [];
  /** Of each live event as it came, whatever its type. */
  readonly positions: number[] = [];
  readonly #begun = Date.now();
  /** What happens from here on is not judged. */
  #ended = Number.POSITIVE_INFINITY;
  readonly #live = new AbortController();
  readonly #met = new Set<string>();
  readonly #moved = new Set<string>();
  readonly #unseen = new Set<string>();
  readonly #wrong: string[] = [];
  #rested = 0;
  #restedRight = 0;

  constructor(client: ApiClient, simulation: string, { agents, parked, unwatched }: Leeway) {
    this.#client = client;
    this.#simulation = simulation;
    this.#agents = agents;
    this.#parked = new Set(parked);
    this.#unwatched = new Set(unwatched);
  }

  /** Looks once a second for so long. */
  async watch(forMs: number): Promise<void> {
    const live = this.#client
      .live((event, id) => {
        this.positions.push(Number(id));
        if (event.type === "passage") this.#passages.push({ at: Date.now(), event: event.data });
        if (event.type === "location") this.#moves.push({ at: Date.now(), event: event.data });
      }, this.#live.signal)
      .catch((error: unknown) => {
        if (!this.#live.signal.aborted) throw error;
      });
    const end = Date.now() + forMs;
    while (Date.now() < end) {
      await this.#sample();
      await new Promise((next) => setTimeout(next, 1000));
    }
    this.#ended = Date.now();
    await this.#heardUpTo(this.#ended);
    await new Promise((next) => setTimeout(next, AFTER_MS));
    this.#live.abort();
    await live;
  }

  /** Waits until everything that the gateways observed before this moment, ms since 1970, is in the cloud. */
  async #heardUpTo(moment: number): Promise<void> {
    for (const end = Date.now() + HEARD_MS; Date.now() < end; await new Promise((next) => setTimeout(next, 250))) {
      const { gateways } = await this.#client.get<GatewayList>("/gateways");
      const heard = gateways.filter(({ through }) => through !== null && Date.parse(through) >= moment);
      if (this.#agents.every((agent) => heard.some((gateway) => gateway.agent === agent))) return;
    }
    throw new Error(`${this.#agents.join()} have not said everything`);
  }

  async #sample(): Promise<void> {
    const before = await simulatedTruth(this.#simulation);
    const items = await this.#client.itemsByEpc();
    const after = byEpc(await simulatedTruth(this.#simulation));
    for (const truth of before.items) {
      this.#met.add(truth.epc);
      // One that left and came back between two looks is where it was, but not since then.
      if (truth.carried || Date.parse(truth.since) > this.#begun - BEFORE_MS) this.#moved.add(truth.epc);
      const item = items.get(truth.epc);
      // Also what was taken from there before this began.
      const places = [truth.observablePlace, item?.place?.code ?? ""];
      if (places.some((place) => this.#unwatched.has(place))) this.#unseen.add(truth.epc);
      if (item === undefined || this.#unseen.has(truth.epc) || !this.#atRest(truth, Date.parse(before.at))) continue;
      if (after.get(truth.epc)?.observablePlace !== truth.observablePlace) continue;
      this.#rested++;
      if (item.place?.code === truth.observablePlace) this.#restedRight++;
      else this.#wrong.push(`${truth.epc} is in ${truth.observablePlace}, said ${item.place?.code} (${item.state})`);
    }
  }

  #atRest(truth: SimulatedItem, now: number): boolean {
    const since = Date.parse(truth.since);
    return !truth.carried && since > this.#begun && now - since >= REST_MS && now - since <= LATELY_MS;
  }

  /** The items that were wrong while at rest, each once with how often. */
  get mistakes(): string[] {
    const counts = new Map<string, number>();
    for (const text of this.#wrong) counts.set(text, (counts.get(text) ?? 0) + 1);
    return [...counts].map(([text, count]) => `${count} × ${text}`);
  }

  async figures(): Promise<Figures> {
    const items = await this.#client.itemsByEpc();
    const epcOf = new Map([...items].map(([epc, item]) => [item.id, epc]));
    const truth = await simulatedTruth(this.#simulation);
    const told = this.#passages.flatMap(({ event }) =>
      event.items.map(({ id }) => ({
        epc: epcOf.get(id) ?? "",
        readPoint: event.readPoint,
        direction: event.direction,
        at: Date.parse(event.observedAt),
      })),
    );
    const real = truth.passages
      .map((passage) => ({ ...passage, at: Date.parse(passage.at) }))
      .flatMap((passage) => passage.epcs.filter((epc) => items.has(epc)).map((epc) => ({ ...passage, epc })));
    const due = real.filter(({ at }) => at > this.#begun + MATCH_MS && at < this.#ended);
    const matches = (a: { epc: string; readPoint: string; at: number }, b: typeof a) =>
      a.epc === b.epc && a.readPoint === b.readPoint && Math.abs(a.at - b.at) < MATCH_MS;
    const found = due.map((passage) => told.filter((event) => matches(event, passage)));
    const falseOnes = told.filter((event) => event.direction !== "unknown" && !real.some((one) => matches(event, one)));
    const isStill = (epc: string) => items.has(epc) && !this.#moved.has(epc) && !this.#unseen.has(epc);
    const still = [...this.#met].filter(isStill);
    const inTime = this.#moves.filter(({ event }) => Date.parse(event.observedAt) < this.#ended);
    const falseMoves = inTime.filter(({ event }) => isMove(event) && still.includes(event.item.epc ?? ""));
    for (const { at, event } of falseMoves)
      this.#wrong.push(
        `${event.item.epc} rests, said to move from ${event.from?.code} to ${event.item.place?.code} after ${Math.round((at - this.#begun) / 1000)} s`,
      );
    return {
      rested: this.#rested,
      restedRight: this.#restedRight,
      unmoved: still.length,
      falseMoves: falseMoves.length,
      passages: due.length,
      recalled: found.filter((events) => events.length > 0).length,
      wrongDirection: due.filter((passage, i) =>
        found[i]?.length ? !found[i].some((event) => event.direction === passage.direction) : false,
      ).length,
      falsePassages: falseOnes.length,
      falsePassagesParked: falseOnes.filter(({ epc }) => this.#parked.has(epc)).length,
      latencies: this.#passages.map(({ at, event }) => at - Date.parse(event.observedAt)).sort((a, b) => a - b),
    };
  }
}

/** From one place to another: a first place is no move, nor is a change of state. */
function isMove({ from, item }: LocationEvent): boolean {
  return from !== null && item.place !== null && from.id !== item.place.id;
}

function byEpc(truth: SimulatedTruth): Map<string, SimulatedItem> {
  return new Map(truth.items.map((item) => [item.epc, item]));
}
