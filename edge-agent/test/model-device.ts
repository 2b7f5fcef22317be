import type { Downward, Observation, ObservationDraft } from "@storeward/contracts";
import { randomHex, type Timer } from "@storeward/runtime";
import type { Entry, JournalRow } from "../src/journal/journal.js";
import { Sender } from "../src/uplink/sender.js";
import { imageOf, type MemoryDisk, MemoryJournal } from "./memory-journal.js";
import type { SteppedClock } from "./stepped-clock.js";

/** One row that was on a disk: where it stood there, and what happened when. */
export interface Noted {
  readonly body: string;
  readonly boot: string;
  /** When it was observed and when it was journaled, mono ms. */
  readonly observed: number;
  readonly journaled: number;
  readonly places: { readonly epoch: string; readonly seq: number; readonly chain: string }[];
}

export interface DeviceOptions {
  readonly clock: SteppedClock;
  readonly random: () => number;
  readonly ledger: string;
  readonly maxBytes: number;
  /** Every row is a thing of its own, whoever journals it. */
  readonly nextNumber: () => number;
  /** Rows that were kept, by their number: promised. */
  readonly book: Map<number, Noted>;
  readonly publish: (device: ModelDevice, payload: string) => void;
}

/** What happened at one moment, told by the filter some time later. */
interface Observed {
  readonly at: number;
  readonly count: number;
}

/** One device: disk, journal and sender, without a network. */
export class ModelDevice {
  disk: MemoryDisk;
  journal: MemoryJournal;
  sender: Sender;
  session: string | undefined;
  readonly #options: DeviceOptions;
  #pumpTimer: Timer | undefined;
  #untold: Observed[] = [];
  #noted = new Map<string, number>();

  constructor(disk: MemoryDisk, options: DeviceOptions) {
    this.#options = options;
    this.disk = disk;
    [this.journal, this.sender] = this.#boot();
  }

  #boot(): [MemoryJournal, Sender] {
    const { clock, ledger, maxBytes, random } = this.#options;
    const journal = new MemoryJournal(this.disk, clock, 1, maxBytes);
    const identity = { agent: "agent-1", ledger, hardware: "model", software: "model" };
    const sender = new Sender({ identity, journal, through: () => this.through(), clock, random });
    const { lastAlive } = journal;
    if (lastAlive !== undefined) {
      // As the recorder says blind since the last mark.
      const from = Math.floor(clock.mono() - (clock.wall() - lastAlive));
      void journal.append([{ draft: { type: "gap", why: "started", from, to: clock.mono() } }]).catch(() => undefined);
    }
    return [journal, sender];
  }

  /** Everything observed up to here has been told and is on the disk. */
  through(): number {
    return Math.min(this.#options.clock.mono(), ...this.#untold.map(({ at }) => at - 1));
  }

  observe(count: number): void {
    const { clock, random } = this.#options;
    // A new boot has looked up to the moment it began: nothing is observed at that very moment.
    const observed = { at: Math.floor(clock.mono()) + 1, count };
    this.#untold.push(observed);
    const { journal } = this;
    clock.after(random() * 500, () => journal === this.journal && this.#tell(observed));
  }

  #tell(observed: Observed): void {
    const { clock, nextNumber, random } = this.#options;
    const { journal } = this;
    this.note();
    const others = this.#untold.filter((other) => other !== observed);
    const through = Math.min(clock.mono(), ...others.map(({ at }) => at - 1));
    const entries = Array.from(
      { length: observed.count },
      (): Entry => ({
        draft: draftOf(nextNumber(), observed.at, random()),
      }),
    );
    void journal.append(entries, through).catch(() => undefined);
    clock.after(25, () => {
      if (journal !== this.journal) return;
      this.#untold = this.#untold.filter((other) => other !== observed);
      this.pump();
    });
  }

  /** Writes down what is on the disk, before anything can be acknowledged, released or given up. */
  note(): void {
    const { book } = this.#options;
    const { epoch } = this.journal;
    const from = this.#noted.get(epoch) ?? 0;
    for (const row of this.journal.read(from, 100_000, 1e9)) {
      const number = numberOf(row);
      const { at } = JSON.parse(row.body) as Observation;
      const place = { epoch, seq: row.seq, chain: row.chain };
      const noted = book.get(number?.n ?? -1);
      if (noted !== undefined) noted.places.push(place);
      else if (number !== undefined)
        book.set(number.n, { body: row.body, boot: at.boot, observed: number.at, journaled: at.mono, places: [place] });
      this.#noted.set(epoch, row.seq);
    }
  }

  connect(): void {
    this.session = randomHex(16);
    this.sender.connected(this.session);
    this.pump();
  }

  /** Messages on their way may still arrive, as a broker has them. */
  disconnect(): void {
    this.session = undefined;
    this.#pumpTimer?.stop();
    this.sender.disconnected();
  }

  /** Power off: what was not committed is gone; a new process on the same disk, or on another image. */
  crash(image: MemoryDisk = this.disk): void {
    this.disconnect();
    this.note();
    this.journal.kill();
    this.#untold = [];
    if (image !== this.disk) this.#noted = new Map();
    this.disk = image;
    [this.journal, this.sender] = this.#boot();
  }

  /** The numbers of the rows on the disk, also of those that gave way and are not told yet. */
  numbers(): Set<number> {
    this.note();
    const { epoch } = this.journal;
    const rows = this.journal.read(0, 100_000, 1e9).flatMap((row) => numberOf(row)?.n ?? []);
    const runs = this.journal.lostAfter(0, 100_000);
    const isLost = (place: Noted["places"][number]) =>
      place.epoch === epoch && runs.some(({ from, to }) => from <= place.seq && place.seq <= to);
    const lost = [...this.#options.book].flatMap(([n, { places }]) => (places.some(isLost) ? [n] : []));
    return new Set([...rows, ...lost]);
  }

  image(): MemoryDisk {
    return imageOf(this.disk);
  }

  received(answer: Downward): void {
    if (this.session === undefined) return;
    this.sender.received(answer);
    this.pump();
  }

  get isTold(): boolean {
    return this.#untold.length === 0 && !this.journal.forking;
  }

  pump(): void {
    this.note();
    this.#pumpTimer?.stop();
    if (this.session === undefined) return;
    for (let payload = this.sender.next(); payload !== undefined; payload = this.sender.next())
      this.#options.publish(this, payload);
    const due = this.sender.nextDue();
    const { clock } = this.#options;
    if (due !== undefined) this.#pumpTimer = clock.after(Math.max(1, due - clock.mono()), () => this.pump());
  }
}

const SHELF = { tag: { epc: "3066C4409047E140075BCD15" }, readPoint: "shelf-1" };

/** Number `n`, observed at `at`, as one of several types. */
function draftOf(n: number, at: number, random: number): ObservationDraft {
  const why = `x${"x".repeat(Math.floor(random * 200))}`;
  if (n % 4 === 0) return { type: "seen", ...SHELF, from: at, to: at, strength: { rounds: n, reads: 0, antennas: [] } };
  if (n % 4 === 1) return { type: "measured", sensor: "s1", quantity: why, value: n, unit: String(at) };
  return { type: "gap", why, from: at, to: at, count: n };
}

/** The number of a row of the model's, and when it was observed. */
export function numberOf({ body }: Pick<JournalRow, "body">): { n: number; at: number } | undefined {
  const observation = JSON.parse(body) as Observation;
  if (observation.type === "seen") return { n: observation.strength.rounds, at: observation.to };
  if (observation.type === "measured") return { n: observation.value, at: Number(observation.unit) };
  return observation.type === "gap" && observation.why.startsWith("x")
    ? { n: observation.count ?? -1, at: observation.to }
    : undefined;
}
