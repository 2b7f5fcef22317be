import type { AntennaBook } from "../antenna-book.js";
import type { Counters } from "../counters.js";
import type { ReaderEvent, TagRead } from "../driver.js";
import { NO_RSSI } from "../serial/epc.js";
import { type InventoryFields, type InventoryLine, parseInventoryLine } from "./inventory-line.js";

/** Tags of one round that wait for the line that says whose they are. */
const MAX_PENDING = 10_000;

type Tag = Extract<InventoryLine, { kind: "tag" }>;

/** Gives the tags of a continuous inventory to the antenna that its `ROUND FINISHED` line names. */
export class Inventory {
  readonly #book: AntennaBook;
  readonly #counters: Counters;
  readonly #emit: (event: ReaderEvent) => void;
  readonly #fields: InventoryFields;
  #pending: { tag: Tag; arrival: number }[] = [];
  #failed = false;
  /** When the last round ended, mono ms; undefined before the first. */
  lastRound: number | undefined;

  constructor(book: AntennaBook, fields: InventoryFields, counters: Counters, emit: (event: ReaderEvent) => void) {
    this.#book = book;
    this.#fields = fields;
    this.#counters = counters;
    this.#emit = emit;
  }

  take(text: string, arrival: number): void {
    const line = parseInventoryLine(text, this.#fields);
    switch (line.kind) {
      case "tag":
        if (this.#pending.length < MAX_PENDING) this.#pending.push({ tag: line, arrival });
        else this.#counters.add("droppedReads");
        break;
      case "round":
        this.#endRound(line.antenna, arrival);
        break;
      case "antenna error":
        this.#counters.add("antennaErrors");
        this.#failed = true;
        break;
      case "unreadable":
        this.#counters.add("badLines");
        break;
      case "no tags":
        break;
    }
  }

  #endRound(antenna: number, at: number): void {
    const pending = this.#pending;
    const failed = this.#failed;
    this.#pending = [];
    this.#failed = false;
    this.lastRound = at;
    if (!this.#book.has(antenna)) {
      this.#counters.add("foreignAntennas");
      return;
    }
    if (failed) this.#book.set([antenna], "blind", at, "antenna error");
    else this.#book.set([antenna], "watching", at, "the antenna reads again");
    if (pending.length > 0) {
      const reads = pending.map(({ tag, arrival }) => readOf(tag, antenna, arrival));
      this.#book.note(reads, at);
      this.#emit({ type: "reads", reads });
    }
    if (!failed) this.#emit({ type: "round", antennas: [antenna], at });
  }
}

function readOf({ epc, tid, rssi }: Tag, antenna: number, arrival: number): TagRead {
  const time = { first: arrival, last: arrival, count: 1 };
  return { epc, ...(tid === undefined ? {} : { tid }), antenna, rssi: rssi ?? NO_RSSI, ...time };
}
