import type { Downward, Observation } from "@storeward/contracts";
import { type MemoryDisk, memoryDisk } from "./memory-journal.js";
import { type ModelBackup, ModelCloud, type ModelCloudOptions } from "./model-cloud.js";
import { ModelDevice, type Noted, numberOf } from "./model-device.js";
import { SteppedClock } from "./stepped-clock.js";

/** How bad the network is: shares from 0 to 1, and the longest delay in ms. */
export interface Weather {
  readonly loss: number;
  readonly repeats: number;
  readonly delayMs: number;
}
export const CALM: Weather = { loss: 0, repeats: 0, delayMs: 5 };

const LEDGER = "1".repeat(32);

export interface ModelOptions extends Partial<ModelCloudOptions> {
  /** Of a device's journal. */
  readonly maxBytes?: number;
}

/**
 * Devices of one identity and one cloud with everything between them, in simulated time: what the property tests shake. There is one device, until
 * its card is cloned.
 */
export class DeliveryModel {
  readonly clock = new SteppedClock();
  readonly cloud: ModelCloud;
  readonly devices: ModelDevice[];
  /** Every row that was ever kept, by its number. */
  readonly book = new Map<number, Noted>();
  /** Rows that were on a disk which an image has taken the place of. */
  readonly erased = new Set<number>();
  /** Of these, what nobody is left to tell of: no disk has it, and it is older than the image, which is another life's. */
  readonly unheardOf = new Set<number>();
  readonly backups: ModelBackup[] = [];
  readonly images: MemoryDisk[] = [];
  weather: Weather = CALM;
  /** Payloads published, and bodies in them. */
  published = 0;
  #random: () => number;
  #cloudIsUp = true;
  #numbers = 0;

  constructor(seed: number, { maxBytes = Number.POSITIVE_INFINITY, ...options }: ModelOptions = {}) {
    this.#random = randomOf(seed);
    const releasable = (committed: number, epoch: string) => Math.min(committed, this.#oldestBackup(epoch));
    this.cloud = new ModelCloud({ ledger: LEDGER, now: () => this.clock.wall(), releasable, ...options });
    const { clock, book } = this;
    const random = () => this.#random();
    const nextNumber = () => this.#numbers++;
    const publish = (device: ModelDevice, payload: string) => this.#publish(device, payload);
    this.#make = (disk) =>
      new ModelDevice(disk, { clock, book, random, ledger: LEDGER, maxBytes, nextNumber, publish });
    this.devices = [this.#make(memoryDisk())];
  }

  readonly #make: (disk: MemoryDisk) => ModelDevice;

  /** What has no backup behind it is not released: as an installation with daily backups is configured. */
  #oldestBackup(epoch: string): number {
    return Math.min(...this.backups.map(({ epochs }) => epochs.get(epoch)?.committed ?? 0), Number.MAX_SAFE_INTEGER);
  }

  device(which = 0): ModelDevice {
    const device = this.devices[which % this.devices.length];
    if (device === undefined) throw new RangeError("a model has a device");
    return device;
  }

  observe(count: number, which = 0): void {
    this.device(which).observe(count);
  }

  /** The broker knows one device of a name: whoever comes throws the other out. */
  connect(which = 0): void {
    const device = this.device(which);
    if (device.session !== undefined) return;
    for (const other of this.devices) if (other.session !== undefined) other.disconnect();
    device.connect();
  }

  disconnect(which = 0): void {
    this.device(which).disconnect();
  }

  crashAgent(which = 0): void {
    this.device(which).crash();
  }

  takeImage(which = 0): void {
    // One of an empty disk is a new device.
    if (this.device(which).disk.alive !== undefined) this.images.push(this.device(which).image());
  }

  /** The disk is as it was; what it has had since is erased. */
  restoreImage(which: number, image: number): void {
    const found = this.images[image % Math.max(1, this.images.length)];
    if (found === undefined) return;
    const device = this.device(which);
    const erased = device.numbers();
    // Copied again: the same image may be restored twice, or on another device.
    const at = this.images.indexOf(found);
    device.crash(found);
    this.images[at] = device.image();
    // From this moment on the image says that it was away. What another life has had before it, the image has never heard of.
    const lastAlive = Math.floor(this.clock.mono() - (this.clock.wall() - (device.journal.lastAlive ?? 0)));
    const elsewhere = new Set(this.devices.flatMap((other) => [...other.numbers()]));
    for (const number of erased) {
      this.erased.add(number);
      const { journaled } = this.book.get(number) ?? { journaled: Number.POSITIVE_INFINITY };
      if (journaled < lastAlive && !elsewhere.has(number)) this.unheardOf.add(number);
    }
  }

  /** Another device with this one's disk, from now on or as an image has it. */
  cloneDevice(which: number): void {
    if (this.devices.length < 3) this.devices.push(this.#make(this.device(which).image()));
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

  isDelivered(device: ModelDevice): boolean {
    const { epoch } = device.journal;
    const { committed, chain } = this.cloud.epoch(epoch);
    const kept = device.journal.kept().at(-1);
    // Another life may stand at the same number.
    return device.isTold && kept?.head === committed && kept.headChain === chain;
  }

  get delivered(): boolean {
    return this.devices.every((device) => this.isDelivered(device));
  }

  /** Rows of the cloud's journal by number: all that came, also those that came twice. */
  received(): number[] {
    const rows = [...this.cloud.epochs.values()].flatMap(({ rows: bodies }) => [...bodies.values()]);
    return rows.flatMap((body) => numberOf({ body })?.n ?? []);
  }

  /** Whether the cloud was told that this row is lost: by its number in some epoch, or, when its disk was erased, by when it was. */
  isDeclared(number: number): boolean {
    const noted = this.book.get(number);
    if (noted === undefined) return false;
    const places = noted.places.map(({ epoch, seq }) => ({ epoch, seq }));
    // A lost range goes along when its journal forks. The list of an image is that of its disk.
    for (const { epoch, seq } of places)
      for (const run of this.devices.flatMap(({ disk }) => disk.carried))
        if (run.epoch === epoch && run.from <= seq && seq <= run.to)
          places.push({ epoch: run.into, seq: run.at + seq - run.from });
    const isLost = places.some(({ epoch, seq }) =>
      this.cloud.epoch(epoch).lost.some(({ from, to }) => from <= seq && seq <= to),
    );
    return (
      isLost ||
      (this.erased.has(number) && this.gaps().some(({ from, to }) => from <= noted.journaled && noted.journaled <= to))
    );
  }

  gaps(): { from: number; to: number; why: string }[] {
    const bodies = [...this.cloud.epochs.values()].flatMap(({ rows }) => [...rows.values()]);
    return bodies
      .map((body) => JSON.parse(body) as Observation)
      .flatMap((one) => (one.type === "gap" && !one.why.startsWith("x") ? [one] : []));
  }

  #publish(device: ModelDevice, payload: string): void {
    this.published++;
    this.#carry(() => {
      if (!this.#cloudIsUp) return;
      for (const answer of this.cloud.receive(payload)) this.#carry(() => device.received(answer as Downward));
    });
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
