import { type Acted, encodeUpward } from "@storeward/contracts";
import { GENESIS_CHAIN, nextChain, randomHex } from "@storeward/runtime";
import type { Database } from "../database/index.js";
import { register } from "./source-book.js";

export const NOW = Date.UTC(2026, 5, 1, 12);

export type DoneDraft = Pick<Acted, "act" | "item"> & { readonly epc: string; readonly at?: number };

const anna = { actor: "anna", ip: "10.0.0.1", requestId: "r1" };

/** A phone as the cloud meets it. Moments are milliseconds since 1970, and the truth. */
export class Phone {
  readonly epoch = randomHex(16);
  readonly boot = randomHex(16);
  readonly bodies: string[] = [];
  readonly chains: string[] = [GENESIS_CHAIN];
  readonly id: string;
  readonly #ahead: number;

  /** @param ahead by how many ms its own clock is wrong */
  constructor(id: string, ahead = 0) {
    this.id = id;
    this.#ahead = ahead;
  }

  static async registered(db: Database, ahead = 0): Promise<Phone> {
    return new Phone((await register(db, "Phone of ward 3", anna)).id, ahead);
  }

  /** Journals what was done, one act a second from an hour ago on. */
  done(...drafts: readonly DoneDraft[]): this {
    for (const { epc, at = NOW - 3_600_000 + 1_000 * this.bodies.length, ...rest } of drafts)
      this.row({ type: "acted", ...rest, tag: { epc } }, at);
    return this;
  }

  /** Journals that it was told what the time is. */
  learns(at: number): this {
    this.row({ type: "clock", utc: new Date(at).toISOString(), plusMinusMs: 50, source: "cloud" }, at);
    return this;
  }

  row(observation: object, at: number): void {
    const body = JSON.stringify({ ...observation, config: 0, at: this.#instant(at) });
    this.chains.push(nextChain(this.chains.at(-1) ?? "", this.bodies.length + 1, body));
    this.bodies.push(body);
  }

  batch(first = 1, last = this.bodies.length): Buffer {
    const prev = this.chains[first - 1] ?? "";
    const { id: agent, epoch } = this;
    const through = this.#instant(NOW);
    return Buffer.from(
      encodeUpward(
        { v: 1, kind: "batch", agent, session: "5".repeat(32), epoch, first, last, prev, lost: [], through },
        this.bodies.slice(first - 1, last),
      ),
    );
  }

  #instant(at: number) {
    return { boot: this.boot, mono: at - NOW + 10_000_000, wall: new Date(at + this.#ahead).toISOString() };
  }
}
