import type { Downward } from "@storeward/contracts";
import { randomHex, type Timer } from "@storeward/runtime";
import type { Entry } from "../src/journal/journal.js";
import { Sender } from "../src/uplink/sender.js";
import { type MemoryDisk, MemoryJournal, memoryDisk } from "./memory-journal.js";
import { ModelCloud, type ModelCloudOptions, type ModelEpoch } from "./model-cloud.js";
import { SteppedClock } from "./stepped-clock.js";

/** How bad the network is: shares from 0 to 1, and the longest delay in ms. */
export interface Weather {
  readonly loss: number;
  readonly repeats: number;
  readonly delayMs: number;
}
export const CALM: Weather = { loss: 0, repeats: 0, delayMs: 5 };

const LEDGER = "1".repeat(32);

/** What happened at one moment, told by the filter some time later. */
interface Observed {
  readonly at: number;
  readonly count: number;
}

/** One agent and one cloud with everything between them, in simulated time: what the property tests shake. */
export class DeliveryModel {
  readonly clock = new SteppedClock();
  readonly cloud: ModelCloud;
  readonly disk: MemoryDisk = memoryDisk();
  /** Every row that was ever on the agent's disk: body and when it was observed, by seq. */
  readonly journaled = new Map<number, string>();
  readonly backups: Map<string, ModelEpoch>[] = [];
  weather: Weather = CALM;
  journal: MemoryJournal;
  sender: Sender;
  /** Payloads the agent has published. */
  published = 0;
  #random: () => number;
  #cloudIsUp = true;
  #session: string | undefined;
  #pumpTimer: Timer | undefined;
  #untold: Observed[] = [];

  constructor(seed: number, options: Partial<ModelCloudOptions> = {}) {
    this.#random = randomOf(seed);
    const releasable = (committed: number) => Math.min(committed, this.#oldestBackup());
    this.cloud = new ModelCloud({ ledger: LEDGER, now: () => this.clock.wall(), releasable, ...options });
    [this.journal, this.sender] = this.#boot();
  }

  /** What has no backup behind it is not released: as an installation with daily backups is configured. */
  #oldestBackup(): number {
    return Math.min(
      ...this.backups.map((backup) => backup.get(this.disk.epoch)?.committed ?? 0),
      Number.MAX_SAFE_INTEGER,
    );
  }

  #boot(): [MemoryJournal, Sender] {
    const journal = new MemoryJournal(this.disk, this.clock, 1);
    const identity = { agent: "agent-1", ledger: LEDGER, hardware: "model", software: "model" };
    const { clock } = this;
    const sender = new Sender({ identity, journal, through: () => this.through(), clock, random: this.#random });
    return [journal, sender];
  }

  /** Everything observed up to here has been told and is on the disk. */
  through(): number {
    return Math.min(this.clock.mono(), ...this.#untold.map(({ at }) => at - 1));
  }

  observe(count: number): void {
    const observed = { at: this.clock.mono(), count };
    this.#untold.push(observed);
    const { journal } = this;
    this.clock.after(this.#random() * 500, () => journal === this.journal && this.#tell(observed));
  }

  #tell(observed: Observed): void {
    const { journal } = this;
    const others = this.#untold.filter((other) => other !== observed);
    const through = Math.min(this.clock.mono(), ...others.map(({ at }) => at - 1));
    const entries = Array.from({ length: observed.count }, (_, count): Entry => {
      const why = "x".repeat(Math.floor(this.#random() * 200));
      return { draft: { type: "gap", why, from: observed.at, to: observed.at, count } };
    });
    void journal.append(entries, through);
    this.clock.after(25, () => {
      if (journal !== this.journal) return;
      this.#untold = this.#untold.filter((other) => other !== observed);
      this.#pump();
    });
  }

  #noteRows(): void {
    for (const { seq, body } of this.journal.read(this.journaled.size, 10_000, 1e9)) this.journaled.set(seq, body);
  }

  connect(): void {
    if (this.#session !== undefined) return;
    this.#session = randomHex(16);
    this.sender.connected(this.#session);
    this.#pump();
  }

  /** Messages on their way may still arrive, as a broker has them. */
  disconnect(): void {
    this.#session = undefined;
    this.sender.disconnected();
  }

  /** Power off: what was not committed is gone; a new process on the same disk. */
  crashAgent(): void {
    this.disconnect();
    this.#noteRows();
    this.#untold = [];
    [this.journal, this.sender] = this.#boot();
  }

  /** Messages to a cloud that is down are gone; what it committed stays. */
  setCloud(up: boolean): void {
    this.#cloudIsUp = up;
  }

  backup(): void {
    this.backups.push(this.cloud.backup());
  }

  restore(which: number): void {
    const [backup] = this.backups.splice(which % Math.max(1, this.backups.length), 1);
    if (backup === undefined) return;
    this.cloud.restore(backup);
    // Copied again: the same backup may be restored twice.
    this.backups.push(this.cloud.backup());
  }

  get delivered(): boolean {
    return this.cloud.epoch(this.disk.epoch).committed === this.journaled.size && this.#untold.length === 0;
  }

  #pump(): void {
    // Before anything can be acknowledged, released and deleted.
    this.#noteRows();
    this.#pumpTimer?.stop();
    if (this.#session === undefined) return;
    for (let payload = this.sender.next(); payload !== undefined; payload = this.sender.next()) {
      this.published++;
      const text = payload;
      this.#carry(() => this.#atCloud(text));
    }
    const due = this.sender.nextDue();
    if (due !== undefined) this.#pumpTimer = this.clock.after(Math.max(1, due - this.clock.mono()), () => this.#pump());
  }

  #atCloud(payload: string): void {
    if (!this.#cloudIsUp) return;
    for (const answer of this.cloud.receive(payload)) this.#carry(() => this.#atAgent(answer));
  }

  #atAgent(answer: Downward): void {
    if (this.#session === undefined) return;
    this.sender.received(answer);
    this.#pump();
  }

  #carry(deliver: () => void): void {
    const { loss, repeats, delayMs } = this.weather;
    if (this.#random() < loss) return;
    // In calm weather messages keep their order, as over one connection.
    const delay = delayMs > CALM.delayMs ? this.#random() * delayMs : delayMs;
    this.clock.after(delay, deliver);
    if (this.#random() < repeats) this.clock.after(delay + this.#random() * delayMs * 3, deliver);
  }
}

/** mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
