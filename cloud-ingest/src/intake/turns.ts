import { BoundedQueue } from "@storeward/runtime";
import { TOTAL_CREDIT } from "./credit.js";

/** Payloads that wait in one partition, their bytes, and the bytes of all partitions: twice the credit of all agents, for what is sent again. */
const MAX_WAITING = 256;
const MAX_PARTITION_BYTES = 16 * 1024 * 1024;
const MAX_BYTES = 2 * TOTAL_CREDIT;
/** Bytes of payloads that are worked on together. */
export const TURN_BYTES = 1024 * 1024;

/** A payload of `…/batch`. */
export interface Arrived {
  readonly agent: string;
  readonly payload: Buffer;
  /** When it came, by the monotonic clock. */
  readonly at: number;
}

/** Payloads that are worked on together, whose partitions nobody else works on meanwhile. */
export interface Turn {
  readonly partitions: readonly number[];
  /** Those of one agent are in the order in which they came. */
  readonly items: readonly Arrived[];
}

/** What waits to be taken in, by partition. Partitions take turns, so that a busy one does not keep the others waiting. */
export class Turns {
  readonly #queues = new Map<number, BoundedQueue<Arrived>>();
  /** Of each agent the payload that waits last. */
  readonly #latest = new Map<string, Buffer>();
  #bytes = 0;
  #refused = 0;
  /** Partitions in which something waits and nobody works, whose turn is next first. */
  readonly #ready = new Set<number>();
  readonly #busy = new Set<number>();
  /** Who waits for a partition to be done with. */
  readonly #finishing = new Map<number, (() => void)[]>();

  /**
   * False when there is no room. What its agent sends again while it waits need not wait twice: an agent that does so has given up the first,
   * and takes the one answer for either.
   */
  offer(partition: number, item: Arrived): boolean {
    const { agent, payload } = item;
    if (this.#latest.get(agent)?.equals(payload)) return true;
    if (this.#bytes + payload.length > MAX_BYTES) {
      this.#refused++;
      return false;
    }
    if (!this.#queueOf(partition).offer(item)) return false;
    this.#latest.set(agent, payload);
    this.#bytes += payload.length;
    if (!this.#busy.has(partition)) this.#ready.add(partition);
    return true;
  }

  /** The next to work on; undefined when there is nothing. To be ended with `done`. */
  take(): Turn | undefined {
    const partitions: number[] = [];
    const items: Arrived[] = [];
    let bytes = 0;
    for (const partition of this.#ready) {
      if (bytes >= TURN_BYTES) break;
      this.#ready.delete(partition);
      this.#busy.add(partition);
      partitions.push(partition);
      const queue = this.#queueOf(partition);
      for (let [item] = queue.drain(1); item !== undefined; [item] = bytes < TURN_BYTES ? queue.drain(1) : []) {
        items.push(item);
        bytes += item.payload.length;
        if (this.#latest.get(item.agent) === item.payload) this.#latest.delete(item.agent);
      }
    }
    this.#bytes -= bytes;
    return partitions.length === 0 ? undefined : { partitions, items };
  }

  done({ partitions }: Turn): void {
    for (const partition of partitions) {
      this.#busy.delete(partition);
      if (this.#queueOf(partition).size > 0) this.#ready.add(partition);
      else this.#finished(partition);
    }
  }

  /** Waits until nothing of these partitions waits or is worked on. */
  async finish(partitions: readonly number[]): Promise<void> {
    const open = partitions.filter((partition) => this.#ready.has(partition) || this.#busy.has(partition));
    await Promise.all(open.map((partition) => new Promise<void>((resolve) => this.#onFinished(partition, resolve))));
  }

  /** Forgets what waits. */
  clear(): void {
    this.#queues.clear();
    this.#ready.clear();
    this.#latest.clear();
    this.#bytes = 0;
    for (const partition of [...this.#finishing.keys()]) if (!this.#busy.has(partition)) this.#finished(partition);
  }

  gauges(): { waiting: number; bytes: number; dropped: number } {
    const gauges = { waiting: 0, bytes: this.#bytes, dropped: this.#refused };
    for (const queue of this.#queues.values()) {
      gauges.waiting += queue.size;
      gauges.dropped += queue.rejected;
    }
    return gauges;
  }

  #onFinished(partition: number, tell: () => void): void {
    const others = this.#finishing.get(partition) ?? [];
    this.#finishing.set(partition, [...others, tell]);
  }

  #finished(partition: number): void {
    const waiting = this.#finishing.get(partition) ?? [];
    this.#finishing.delete(partition);
    for (const tell of waiting) tell();
  }

  #queueOf(partition: number): BoundedQueue<Arrived> {
    const found = this.#queues.get(partition);
    if (found !== undefined) return found;
    const queue = new BoundedQueue<Arrived>({
      max: MAX_WAITING,
      maxBytes: MAX_PARTITION_BYTES,
      sizeOf: ({ payload }) => payload.length,
      whenFull: "reject",
    });
    this.#queues.set(partition, queue);
    return queue;
  }
}
