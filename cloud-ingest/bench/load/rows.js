import { createHash } from "node:crypto";

/*
 * What an agent of a ward journals, in the mix of the simulated hospital: four shelf boards and a door, things that are put on a board, seen
 * again, taken through the door and brought back. The same for the same agent, whenever it is asked for.
 */

/** Things with tags that belong to each agent's ward. */
export const ITEMS_PER_AGENT = 60;
export const SHELVES = 4;

/** Of every hundred rows, as the box journals them in seven minutes (`--seed 5 --pace 2`). */
const MIX = [
  ["arrived", 34],
  ["passed", 25],
  ["departed", 22],
  ["seen", 15],
  ["coverage", 3],
  ["inventoried", 1],
];
const WHEEL = MIX.flatMap(([type, count]) => Array(count).fill(type));

export const epcOf = (agent, item) =>
  `3066C4409047E140${(agent * ITEMS_PER_AGENT + item).toString(16).toUpperCase().padStart(8, "0")}`;

export const agentName = (agent) => `bench-${agent}`;

/** The rows of one agent, one after the other. */
export class Ward {
  #random;
  #agent;
  /** The board each thing is on; undefined while it is carried. */
  #boards = [];

  constructor(agent) {
    this.#agent = agent;
    this.#random = (agent * 2_654_435_761 + 1) >>> 0;
    for (let item = 0; item < ITEMS_PER_AGENT; item++) this.#boards[item] = item % SHELVES;
  }

  /** The body of the next row, as text. @param at `{boot, mono, wall}` */
  next(at) {
    const type = WHEEL[this.#roll(WHEEL.length)];
    return JSON.stringify({ type, at, config: 1, ...this.#what(type, at.mono) });
  }

  #what(type, mono) {
    const item = this.#thing(type === "seen" || type === "departed");
    const tag = { epc: epcOf(this.#agent, item) };
    const board = this.#boards[item];
    switch (type) {
      case "arrived":
        this.#boards[item] = this.#roll(SHELVES);
        return { tag, readPoint: this.#board(this.#boards[item]), first: mono - 380, strength: this.#strength() };
      case "seen":
        return { tag, readPoint: this.#board(board), from: mono - 60_000, to: mono - 40, strength: this.#strength() };
      case "departed":
        this.#boards[item] = undefined;
        return { tag, readPoint: this.#board(board), last: mono - 2_100, decided: mono - 5, expectedRate: 0.82 };
      case "passed":
        return { tag, readPoint: `${agentName(this.#agent)}-door`, ...this.#pass(mono) };
      case "coverage":
        return {
          readPoint: this.#board(this.#roll(SHELVES)),
          state: this.#roll(2) === 0 ? "watching" : "doubtful",
          since: mono - 12,
          why: "few reads of what is known to be here",
          antennas: [1],
        };
      default:
        return this.#inventory(mono);
    }
  }

  /** A thing that is on a board, or that is carried; any, where a few looks find none. */
  #thing(onBoard) {
    let item = 0;
    for (let look = 0; look < 8; look++) {
      item = this.#roll(ITEMS_PER_AGENT);
      if ((this.#boards[item] !== undefined) === onBoard) break;
    }
    return item;
  }

  #pass(mono) {
    const side = (from) => ({ reads: 6, first: mono - from, last: mono - from + 640, rssiMax: -48.5 });
    return {
      pass: this.#id(),
      direction: this.#roll(2) === 0 ? "in" : "out",
      p: 0.97,
      sides: { inside: side(2_400), outside: side(1_300) },
    };
  }

  #inventory(mono) {
    const board = this.#roll(SHELVES);
    const tags = this.#boards.flatMap((on, item) =>
      on === board ? [{ tag: { epc: epcOf(this.#agent, item) }, strength: this.#strength() }] : [],
    );
    return {
      inventory: this.#id(),
      part: 1,
      parts: 1,
      readPoint: this.#board(board),
      from: mono - 9_000,
      to: mono - 20,
      rounds: 22,
      completeness: 0.97,
      reason: "watching again",
      tags,
    };
  }

  #board(number) {
    return `${agentName(this.#agent)}-board-${number ?? 0}`;
  }

  #strength() {
    const reads = 2 + this.#roll(12);
    return { rounds: 18, reads, antennas: [{ antenna: 1, reads, rssiMax: -45.5, rssiMean: -44 - this.#roll(12) }] };
  }

  #id() {
    return createHash("md5")
      .update(`${this.#agent} ${this.#roll(2 ** 31)}`)
      .digest("hex");
  }

  /** A whole number below `below`: numerical recipes' linear congruential generator. */
  #roll(below) {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#random / 2 ** 32) * below);
  }
}
