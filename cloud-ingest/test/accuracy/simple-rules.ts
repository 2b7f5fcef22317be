import { observablePlaces, type Site } from "@storeward/contracts";
import { EdgeX } from "../../../edge-agent/src/evaluate/methods/edgex.js";
import { type Spot, Spots } from "../../../edge-agent/src/evaluate/methods/places.js";
import type { TagRead } from "../../../edge-agent/src/readers/driver.js";
import type { Answer, Locator, Move } from "./locator.js";

/** A simple rule over reads: those that observations tell of, or every read that there was. */
export interface ReadRule extends Locator {
  read(reader: string, reads: readonly TagRead[]): void;
  tick(now: number): void;
}

/** What a rule has said of each tag. */
class Said {
  readonly #places: ReadonlyMap<string, string>;
  readonly #moves = new Map<string, Move[]>();

  constructor(site: Site) {
    const observable = observablePlaces(site);
    const entries = site.readPoints.flatMap((point): [string, string][] =>
      point.role === "shelf"
        ? [[point.id, observable.get(point.place) ?? point.place]]
        : (["inside", "outside"] as const).map((side) => [
            `${point.id} ${side}`,
            observable.get(point[side]) ?? point[side],
          ]),
    );
    this.#places = new Map(entries);
  }

  say(epc: string, spot: Spot, at: number): void {
    const place = this.#places.get(spot.id);
    const moves = this.#moves.get(epc) ?? [];
    this.#moves.set(epc, moves);
    if (place !== undefined && moves.at(-1)?.place !== place) moves.push({ at, place });
  }

  moves(epc: string): readonly Move[] {
    return this.#moves.get(epc) ?? [];
  }
}

/** A thing is where it was read last, for ever. */
export class LastRead implements ReadRule {
  readonly name = "last read";
  readonly #spots: Spots;
  readonly #said: Said;

  constructor(site: Site) {
    this.#spots = new Spots(site.readPoints);
    this.#said = new Said(site);
  }

  read(reader: string, reads: readonly TagRead[]): void {
    for (const { epc, antenna, last } of reads) {
      const spot = this.#spots.at(reader, antenna);
      if (spot !== undefined) this.#said.say(epc, spot, last);
    }
  }

  tick(): void {}

  answer(epc: string): Answer {
    const place = this.moves(epc).at(-1)?.place;
    return { place, p: 1, claimed: place !== undefined };
  }

  moves(epc: string): readonly Move[] {
    return this.#said.moves(epc);
  }
}

/** EdgeX's rule as its configuration ships; a tag that has departed is still named where it was last, and not claimed. */
export class EdgeXRule implements ReadRule {
  readonly name: string;
  readonly #edgex: EdgeX;
  readonly #said: Said;

  constructor(site: Site, name: string) {
    this.name = name;
    this.#edgex = new EdgeX(site.readPoints, { departsMs: 600_000, checkMs: 30_000 });
    this.#said = new Said(site);
  }

  read(reader: string, reads: readonly TagRead[]): void {
    for (const read of reads) {
      this.#edgex.handle(reader, { type: "reads", reads: [read] });
      const spot = this.#edgex.spotOf(read.epc);
      if (spot !== undefined) this.#said.say(read.epc, spot, read.last);
    }
  }

  tick(now: number): void {
    this.#edgex.tick(now);
  }

  answer(epc: string): Answer {
    const place = this.moves(epc).at(-1)?.place;
    return { place, p: 1, claimed: this.#edgex.spotOf(epc) !== undefined };
  }

  moves(epc: string): readonly Move[] {
    return this.#said.moves(epc);
  }
}
