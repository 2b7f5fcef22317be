import type { EvidenceKey } from "../../src/locations/fold/evidence.js";
import type { Kept } from "../../src/locations/fold/fold.js";
import type { KeptInMemory } from "../../src/locations/fold/testing.js";
import { type Due, type KnownStay, settle, type Told } from "../../src/locations/settle.js";
import type { Answer, Locator, Move } from "./locator.js";

/** What books have been told of where things are, by the service's own rules of what has settled. */
export class Books implements Locator {
  readonly name = "books";
  readonly #items: (epc: string) => KeptInMemory | undefined;
  readonly #accounts = new Map<string, Account>();
  readonly #through = new Map<string, number>();

  constructor(items: (epc: string) => KeptInMemory | undefined) {
    this.#items = items;
  }

  /** Everything that the agent has observed up to then is known. */
  through(agent: string, at: number): void {
    this.#through.set(agent, Math.max(at, this.#through.get(agent) ?? at));
  }

  answer(epc: string): Answer {
    const item = this.#items(epc);
    if (item === undefined) return NOTHING;
    const account = this.#accounts.get(epc) ?? new Account();
    this.#accounts.set(epc, account);
    account.look(item, this.#through);
    const open = account.stays().findLast(({ to }) => to === null);
    return open === undefined ? NOTHING : { place: open.place, p: open.p, claimed: true };
  }

  moves(epc: string): readonly Move[] {
    return (
      this.#accounts
        .get(epc)
        ?.stays()
        .map(({ from, place }) => ({ at: from, place })) ?? []
    );
  }
}

const NOTHING: Answer = { place: undefined, p: 0, claimed: false };

/** One thing's stays as they were told. */
class Account {
  readonly #known = new Map<string, KnownStay>();
  #kept: Kept | undefined;
  #due: Due | null = null;

  /** Told are stays when they are due, by how far the agent has looked that says where the thing is now. */
  look(item: KeptInMemory, through: ReadonlyMap<string, number>): void {
    const agent = item.kept.state.stay?.opening.agent;
    const now = through.get(agent ?? "");
    if (now === undefined || (item.kept === this.#kept && (this.#due === null || this.#due.at > now))) return;
    this.#kept = item.kept;
    this.#update(item);
    const { changes, due } = settle([...this.#known.values()], now);
    this.#due = due;
    for (const { stay: id, op, told, revision } of changes) {
      const stay = this.#known.get(id);
      if (stay !== undefined) this.#known.set(id, { ...stay, revision, told: op === "retract" ? null : told });
    }
  }

  /** In order. */
  stays(): Told[] {
    return [...this.#known.values()].flatMap(({ told }) => told ?? []).sort((a, b) => a.from - b.from);
  }

  #update(item: KeptInMemory): void {
    for (const [id, stay] of this.#known) this.#known.set(id, { ...stay, withdrawn: true });
    for (const stay of item.stays()) {
      const id = idOf(stay.opening);
      const { revision = 0, told = null } = this.#known.get(id) ?? {};
      this.#known.set(id, { ...stay, id, revision, told, withdrawn: false });
    }
  }
}

function idOf({ at, agent, seq, tag }: EvidenceKey): string {
  return `${at} ${agent} ${seq} ${tag}`;
}
