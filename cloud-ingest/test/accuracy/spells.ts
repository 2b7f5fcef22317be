import type { CoverageState } from "@storeward/contracts";

/** As the service has it: an agent without a word for so long is unheard. */
const UNHEARD_MS = 45_000;

/** Which read points watched when, as the tables of the service keep it. */
export class SpellsInMemory {
  readonly #spells = new Map<string, { agent: string; list: { state: CoverageState; from: number }[] }>();
  readonly #through = new Map<string, number>();

  cover(readPoint: string, agent: string, state: CoverageState, from: number): void {
    const list = this.#spells.get(readPoint)?.list ?? [];
    const last = list.at(-1);
    if (last?.state !== state) list.push({ state, from: Math.max(from, last?.from ?? from) });
    this.#spells.set(readPoint, { agent, list });
  }

  through(agent: string, at: number): void {
    this.#through.set(agent, Math.max(at, this.#through.get(agent) ?? at));
  }

  /** As `Coverage.blindSeconds` counts in SQL. */
  blindSeconds(readPoint: string, after: number, now: number): number {
    const known = this.#spells.get(readPoint);
    if (known === undefined) return Math.max(0, now - after) / 1000;
    const heard = this.#through.get(known.agent) ?? known.list[0]?.from ?? now;
    const until = heard < now - UNHEARD_MS ? heard : now;
    let ms = Math.max(0, now - Math.max(until, after));
    for (let index = known.list.length - 1; index >= 0; index--) {
      const spell = known.list[index];
      if (spell === undefined) break;
      const to = Math.min(until, known.list[index + 1]?.from ?? until);
      if (to <= after) break;
      if (spell.state !== "watching") ms += Math.max(0, to - Math.max(spell.from, after));
    }
    return ms / 1000;
  }
}
