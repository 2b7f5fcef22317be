import { Random } from "@storeward/reader-simulators";
import { randomHex } from "@storeward/runtime";
import type { TestAgent } from "../test-agent.js";

/** Two shelves in a store, and the door of that store. */
export const SHELVES = { "shelf-a": "shelf-a-1", "shelf-b": "shelf-b-1" } as const;
export const DOOR = "store-door";
export const CORRIDOR = "corridor";

type Where = keyof typeof SHELVES | typeof CORRIDOR;
export interface Team {
  readonly "shelf-a": TestAgent;
  readonly "shelf-b": TestAgent;
  readonly door: TestAgent;
}

const rounds = { rounds: 10, reads: 10, antennas: [{ antenna: 1, reads: 10, rssiMax: -42, rssiMean: -44 }] };

/** Things that are carried between two shelves and through a door, as their readers tell it; where each is, is known. */
export class Shift {
  readonly where = new Map<string, Where>();
  /** Of each thing that went through the door, once. */
  passes = 0;
  readonly #random: Random;
  readonly #team: Team;

  constructor(team: Team, { things, seed }: { readonly things: number; readonly seed: number }) {
    this.#team = team;
    this.#random = new Random(seed);
    for (let n = 1; n <= things; n++) this.where.set(epcOf(n), "shelf-a");
  }

  get epcs(): string[] {
    return [...this.where.keys()];
  }

  /** Everything is on the first shelf. */
  begin(): void {
    for (const epc of this.epcs) this.#arrives(epc, "shelf-a");
  }

  /** Somebody takes one thing elsewhere. The first quarter of them stays where it is. */
  carry(): void {
    const epc = this.#random.pick(this.epcs.slice(this.where.size / 4)) ?? "";
    const from = this.where.get(epc);
    const to =
      this.#random.pick((["shelf-a", "shelf-b", CORRIDOR] as const).filter((place) => place !== from)) ?? CORRIDOR;
    if (from !== undefined && from !== CORRIDOR) this.#departs(epc, from);
    if (from === CORRIDOR || to === CORRIDOR) this.#passes(epc, to === CORRIDOR ? "out" : "in");
    if (to !== CORRIDOR) this.#arrives(epc, to);
    this.where.set(epc, to);
  }

  #arrives(epc: string, shelf: keyof typeof SHELVES): void {
    const first = performance.now();
    this.#team[shelf].observe({ type: "arrived", tag: { epc }, readPoint: SHELVES[shelf], first, strength: rounds });
  }

  #departs(epc: string, shelf: keyof typeof SHELVES): void {
    const now = performance.now();
    const told = {
      type: "departed",
      tag: { epc },
      readPoint: SHELVES[shelf],
      last: now,
      decided: now,
      expectedRate: 1,
    };
    this.#team[shelf].observe(told);
  }

  #passes(epc: string, direction: "in" | "out"): void {
    const now = performance.now();
    const side = (at: number) => ({ reads: 8, first: at - 0.2, last: at, rssiMax: -50 });
    const [inside, outside] = direction === "in" ? [side(now), side(now - 0.2)] : [side(now - 0.2), side(now)];
    const told = { type: "passed", pass: randomHex(16), tag: { epc }, readPoint: DOOR, direction, p: 0.98 };
    this.#team.door.observe({ ...told, sides: { inside, outside } });
    this.passes++;
  }
}

const epcOf = (n: number): string => `3034257BF400B714${n.toString(16).toUpperCase().padStart(8, "0")}`;
