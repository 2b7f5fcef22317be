import type { TslReader } from "@storeward/contracts";
import { type Clock, isStorewardError } from "@storeward/runtime";
import { Poller } from "../serial/poller.js";
import type { Identity, SerialSession, SessionContext } from "../serial/session.js";
import { fieldOf, type TslBlock } from "./blocks.js";
import { NO_ANTENNA, NO_TRANSPONDER, TslDialogue } from "./dialogue.js";
import { transponders } from "./transponders.js";

/** An inventory with a full shelf before it takes seconds. */
const INVENTORY_MS = 10_000;
const BATTERY_MS = 10_000;
/** What an earlier client asked is answered within this time. */
const SETTLE_MS = 100;
/** A shelf can wait, and a handheld lives on its battery; a door cannot, but nobody is asked without a breath. */
const PAUSE_MS = { shelf: 250, portal: 10 } as const;
/** Without an antenna it answers at once. */
const NO_ANTENNA_MS = 1_000;
/** Without the sound that the default has; as it stands, no trigger pull can be taken for it. */
const INVENTORY = ".iv -al off";
const OUTCOMES = [NO_TRANSPONDER, NO_ANTENNA];
const NOT_PULLED = "its trigger is not pulled";

/** Asks a reader for one inventory after the other, or waits for its trigger; each inventory is a round of its one antenna. */
export class TslSession implements SerialSession {
  readonly #context: SessionContext<TslReader>;
  readonly #dialogue: TslDialogue;
  readonly #poller: Poller;
  readonly #antenna: number;
  lastRound: number | undefined;
  battery: number | undefined;
  #batteryAskedAt = Number.NEGATIVE_INFINITY;
  #hasBattery = true;
  #started = false;

  constructor(context: SessionContext<TslReader>) {
    this.#context = context;
    const { clock, counters, write, antennas, roles, reader, fail } = context;
    this.#antenna = antennas[0] ?? 1;
    this.#dialogue = new TslDialogue({ clock, counters, write, onUnasked: (block) => this.#takeUnasked(block) });
    const pauseMs = reader.trigger === true ? BATTERY_MS : PAUSE_MS[roles.get(this.#antenna) ?? "shelf"];
    this.#poller = new Poller({ clock, pauseMs, poll: () => this.#poll(), fail });
  }

  get counters(): Readonly<Record<string, number>> {
    return this.#dialogue.counters;
  }

  receive(chunk: Uint8Array): void {
    this.#dialogue.receive(chunk);
  }

  /**
   * `-x` puts every parameter back to its default, of which one might make us blind (a select mask, `-fs`); `-n` sets without reading.
   * Session 0, because in the others a tag that was read stays quiet for the next rounds, and a round would not be a chance to be read.
   */
  async setUp(): Promise<Identity> {
    const { reader } = this.#context;
    await abortWhatRuns(this.#dialogue, this.#context);
    const identity = identityOf(await this.#dialogue.command(".vr"));
    const power = Math.floor(reader.antennas[0]?.power ?? 0);
    await this.#dialogue.command(`.iv -x -n -al off -e on -r on -qs s0 -qt a -o ${power}`);
    await this.#askBattery();
    return identity;
  }

  start(): void {
    const { book, clock, reader } = this.#context;
    const now = clock.mono();
    this.#started = true;
    if (reader.trigger === true) book.set([this.#antenna], "blind", now, NOT_PULLED);
    else {
      this.lastRound = now;
      book.set([this.#antenna], "watching", now, "connected");
    }
    this.#poller.start();
  }

  end(error: unknown): void {
    this.#poller.stop();
    this.#dialogue.end(error);
  }

  async #poll(): Promise<void> {
    const { clock, reader, signal } = this.#context;
    if (reader.trigger !== true) {
      const block = await this.#dialogue.command(INVENTORY, OUTCOMES, INVENTORY_MS);
      this.#takeInventory(block);
      if (block.error === NO_ANTENNA) await clock.sleep(NO_ANTENNA_MS, signal);
    }
    if (clock.mono() - this.#batteryAskedAt >= BATTERY_MS) await this.#askBattery();
  }

  /** Also the sign of life while the trigger is not pulled. A reader on the mains may not know the command. */
  async #askBattery(): Promise<void> {
    this.#batteryAskedAt = this.#context.clock.mono();
    const block = await this.#dialogue.command(this.#hasBattery ? ".bl" : ".vr").catch((error: unknown) => {
      if (!isStorewardError(error, "TSL_ERROR")) throw error;
      this.#hasBattery = false;
      return undefined;
    });
    this.battery = batteryOf(block) ?? this.battery;
  }

  #takeUnasked(block: TslBlock): void {
    const { counters, book, reader } = this.#context;
    // Before the start it is the answer to what an earlier client asked.
    if (!this.#started || !/^\.iv\b/.test(block.command)) {
      counters.add("strayBlocks");
      return;
    }
    counters.add("triggerPulls");
    const first = block.lines[0]?.arrival ?? this.#context.clock.mono();
    if (reader.trigger === true) book.set([this.#antenna], "watching", first, "its trigger is pulled");
    this.#takeInventory(block);
    if (reader.trigger === true) book.set([this.#antenna], "blind", this.#context.clock.mono(), NOT_PULLED);
  }

  #takeInventory({ error, lines }: TslBlock): void {
    const { clock, book, counters, emit } = this.#context;
    const now = clock.mono();
    const antennas = [this.#antenna];
    if (error === NO_ANTENNA) {
      counters.add("antennaErrors");
      this.lastRound = this.lastRound === undefined ? undefined : now;
      book.set(antennas, "blind", now, "no antenna fitted");
      return;
    }
    if (error !== undefined && error !== NO_TRANSPONDER) {
      counters.add("failedInventories");
      return;
    }
    if (this.lastRound !== undefined) book.set(antennas, "watching", now, "the antenna reads again");
    const { reads, bad } = transponders(lines, this.#antenna);
    if (bad > 0) counters.add("badTags", bad);
    if (reads.length > 0) {
      book.note(reads, now);
      emit({ type: "reads", reads });
    }
    if (this.lastRound !== undefined) this.lastRound = now;
    emit({ type: "round", antennas, at: now });
  }
}

/** Whatever runs, or was half typed, is ended; that the reader does not know the command, or had been asked something else, is no error. */
async function abortWhatRuns(
  dialogue: TslDialogue,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  await dialogue.command(".ab").catch((error: unknown) => {
    if (!isStorewardError(error, "TSL_ERROR")) throw error;
  });
  await clock.sleep(SETTLE_MS, signal);
}

/** From `.vr`: manufacturer, unit serial number (it begins with the model: `1128-EU-01234`), unit firmware. */
export function identityOf(version: TslBlock): Identity {
  const model = [fieldOf(version, "MF") ?? "TSL", fieldOf(version, "US")].filter((part) => part !== undefined);
  return { model: model.join(" "), firmware: fieldOf(version, "UF") ?? fieldOf(version, "PV") ?? "" };
}

/** From `.bl`: `BP: 85%`. */
export function batteryOf(block: TslBlock | undefined): number | undefined {
  const match = /^(\d{1,3}) ?%?$/.exec(block === undefined ? "" : (fieldOf(block, "BP") ?? ""));
  const value = match === null ? Number.NaN : Number(match[1]);
  return value <= 100 ? value : undefined;
}
