import type { ObservationDraft, ReadPoint, Site } from "@storeward/contracts";
import type { TagRead } from "../../../edge-agent/src/readers/driver.js";
import { Books } from "./books.js";
import type { Delivery } from "./conditions.js";
import type { Move } from "./locator.js";
import { type Score, ScoreKeeper, type TrueMove } from "./score.js";
import { EdgeXRule, LastRead, type ReadRule } from "./simple-rules.js";
import { SimulatedCloud } from "./simulated-cloud.js";
import { pointsOf, toldReads } from "./told-reads.js";

/** Something that an agent sends: a row, or reads for the rule that takes those. */
export type Sendable = { readonly agent: string; readonly at: number } & (
  | { readonly draft: ObservationDraft }
  | { readonly reader: string; readonly reads: readonly TagRead[] }
);

/** Those that take what the devices tell, and those that take every read of every antenna. */
export type Kind = "observations" | "reads";
export const ALL_KINDS: readonly Kind[] = ["observations", "reads"];

/** All methods of some kinds under one condition. */
export class Arena {
  readonly condition: string;
  readonly #delivery: Delivery;
  readonly #cloud: SimulatedCloud | undefined;
  readonly #books: Books | undefined;
  /** Rules over what the observations tell, and those over every read. */
  readonly #told: readonly ReadRule[];
  readonly #all: readonly ReadRule[];
  readonly #points: ReadonlyMap<string, ReadPoint>;
  readonly #keepers: readonly ScoreKeeper[];
  readonly #agents: readonly string[];
  /** By the second in which it arrives; in order within one. */
  readonly #onTheWay = new Map<number, Sendable[]>();
  #second = Number.NaN;

  /** What is before `from` is not judged. */
  constructor(
    site: Site,
    epcs: readonly string[],
    delivery: Delivery,
    from: number,
    { condition = "", kinds = ALL_KINDS }: { readonly condition?: string; readonly kinds?: readonly Kind[] } = {},
  ) {
    this.condition = condition;
    this.#delivery = delivery;
    this.#agents = site.agents.map(({ id }) => id);
    const isTold = kinds.includes("observations");
    const cloud = isTold ? new SimulatedCloud(site, epcs) : undefined;
    this.#cloud = cloud;
    this.#books = cloud && new Books((epc) => cloud.item(epc));
    this.#told = isTold ? [new LastRead(site), new EdgeXRule(site, "EdgeX")] : [];
    this.#all = kinds.includes("reads") ? [new EdgeXRule(site, "EdgeX, all reads")] : [];
    this.#points = pointsOf(site);
    const locators = [this.#cloud, this.#books, ...this.#told, ...this.#all].filter((one) => one !== undefined);
    this.#keepers = locators.map((locator) => new ScoreKeeper(locator, from));
  }

  send(what: Sendable): void {
    const second = Math.ceil(this.#delivery.arrives(what.agent, what.at) / 1000);
    const others = this.#onTheWay.get(second);
    if (others === undefined) this.#onTheWay.set(second, [what]);
    else others.push(what);
  }

  look(now: number, seconds: number, truth: readonly TrueMove[], through: ReadonlyMap<string, number>): void {
    const here = this.#arrived(now);
    this.#cloud?.receive(
      here.flatMap((sent) =>
        "draft" in sent
          ? [
              {
                agent: sent.agent,
                mono: sent.at,
                clock: this.#delivery.clockError(sent.agent, sent.at),
                draft: sent.draft,
              },
            ]
          : [],
      ),
      now,
    );
    for (const sent of here) this.#tellRules(sent);
    for (const rule of [...this.#told, ...this.#all]) rule.tick(now);
    for (const agent of this.#agents) {
      const at = Math.min(through.get(agent) ?? 0, now);
      if (this.#delivery.arrives(agent, at) > now + 1_000) continue;
      for (const one of [this.#cloud, this.#books]) one?.through(agent, at + this.#delivery.clockError(agent, at));
    }
    for (const keeper of this.#keepers) keeper.look(now, seconds, truth);
  }

  #arrived(now: number): Sendable[] {
    const here: Sendable[] = [];
    const last = Math.floor(now / 1000);
    // The first look is soon after the first thing was sent.
    for (let second = Number.isNaN(this.#second) ? last - 60 : this.#second; second <= last; second++) {
      // One by one: a backlog is more than a call takes arguments.
      for (const sent of this.#onTheWay.get(second) ?? []) here.push(sent);
      this.#onTheWay.delete(second);
    }
    this.#second = last + 1;
    return here;
  }

  #tellRules(sent: Sendable): void {
    const error = this.#delivery.clockError(sent.agent, sent.at);
    const dated = (read: TagRead) => ({ ...read, first: read.first + error, last: read.last + error });
    if ("draft" in sent)
      for (const { reader, read } of toldReads(sent.draft, sent.at, this.#points))
        for (const rule of this.#told) rule.read(reader, [dated(read)]);
    else for (const rule of this.#all) rule.read(sent.reader, sent.reads.map(dated));
  }

  end(now: number, moves: ReadonlyMap<string, readonly Move[]>): { method: string; score: Score }[] {
    return this.#keepers.map((keeper) => {
      keeper.end(now, moves);
      return { method: keeper.locator.name, score: keeper.score };
    });
  }
}
