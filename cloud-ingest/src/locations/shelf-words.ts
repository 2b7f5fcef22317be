import { arrayOf, type Transaction } from "../database/index.js";
import type { Sighting } from "./sighting.js";
import { IS_WORD } from "./sightings.js";

/** When, by its own words, an agent last had a tag on a shelf. */
export interface LastWord {
  readonly agent: string;
  readonly tag: number;
  readonly at: number;
}

/** These sightings with arrivals after what the agent said before. `last`, by agent and tag, goes on with them. */
export function arrivalsAfterWords(last: Map<string, LastWord>, sightings: readonly Sighting[]): Sighting[] {
  return sightings.map((sighting) => {
    const { agent, tag, fact, type, observedAt } = sighting;
    if (fact.kind !== "present" && fact.kind !== "gone") return sighting;
    const key = `${agent} ${tag}`;
    const before = last.get(key)?.at ?? Number.NEGATIVE_INFINITY;
    const at = type === "arrived" ? Math.max(sighting.at, Math.min(before, observedAt)) : sighting.at;
    last.set(key, { agent, tag, at: Math.max(at, before) });
    return at === sighting.at ? sighting : { ...sighting, at };
  });
}

/**
 * An agent has a tag on one shelf at a time, and says so in order. The first read at a new shelf may be older than the last one at the shelf
 * before, which the neighbouring antenna reads across: the arrival then counts from the departure.
 */
export class ShelfWords {
  readonly #tx: Transaction;
  readonly #last = new Map<string, LastWord>();

  constructor(tx: Transaction) {
    this.#tx = tx;
  }

  /** Reads what the agents have said of these tags from after their arrivals: what they said of before moves no arrival. To be called first. */
  async load(sightings: readonly Sighting[]): Promise<void> {
    const arrivals = sightings.filter(({ type, fact }) => type === "arrived" && fact.kind === "present");
    if (arrivals.length === 0) return;
    const rows = await this.#tx.query<{ agent: string; tag: number; at: Date }>(
      `SELECT n.agent, n.tag, max(said.at) AS at FROM unnest($1::text[], $2::int8[], $3::timestamptz[]) AS n(agent, tag, at)
       CROSS JOIN LATERAL (
         SELECT at FROM tag_sighting WHERE tag = n.tag AND at > n.at AND agent = n.agent AND ${IS_WORD} ORDER BY at DESC LIMIT 1
       ) said GROUP BY n.agent, n.tag`,
      [
        arrayOf("text", arrivals, ({ agent }) => agent),
        arrayOf("int8", arrivals, ({ tag }) => tag),
        arrayOf("timestamptz", arrivals, ({ at }) => at),
      ],
    );
    for (const { agent, tag, at } of rows) this.#last.set(`${agent} ${tag}`, { agent, tag, at: at.getTime() });
  }

  /** These sightings with arrivals after what the agent said before. */
  inOrder(sightings: readonly Sighting[]): Sighting[] {
    return arrivalsAfterWords(this.#last, sightings);
  }
}
