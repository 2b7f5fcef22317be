import type { AlienReader } from "@storeward/contracts";
import { isStorewardError, readSecret } from "@storeward/runtime";
import type { TagRead } from "../driver.js";
import { NO_RSSI } from "../serial/epc.js";
import { Poller } from "../serial/poller.js";
import type { Identity, SerialSession, SessionContext } from "../serial/session.js";
import { AlienDialogue } from "./dialogue.js";
import { E } from "./errors.js";
import { type AlienTag, NO_TAGS, parseTagLine, TAG_FORMAT } from "./tag-line.js";

/** As the reader leaves its maker (Reader Interface Guide, "Username", "Password"). */
export const FACTORY = { username: "alien", password: "password" } as const;
/** One acquisition over all antennas, with a full shelf before each. */
const ACQUIRE_MS = 10_000;
const ANTENNAS_MS = 10_000;
/** A shelf can wait; a door cannot, but nobody is asked without a breath: without antennas a reader answers at once. */
const PAUSE_MS = { shelf: 250, portal: 10 } as const;
const RESYNC_MS = 500;

/**
 * Asks a reader for one tag list after the other. In interactive mode `get TagList` acquires once over the antenna sequence and then
 * lists, so that each list is a round of all its antennas. Notify and stream mode would be pushed to a listener of ours, without the
 * end of a round: absence could not be told from silence.
 */
export class AlienSession implements SerialSession {
  readonly #context: SessionContext<AlienReader>;
  readonly #dialogue: AlienDialogue;
  readonly #poller: Poller;
  lastRound: number | undefined;
  #unconnected: readonly number[] = [];
  #antennasAskedAt = 0;

  constructor(context: SessionContext<AlienReader>) {
    this.#context = context;
    const { clock, counters, write, roles, antennas, signal, fail } = context;
    this.#dialogue = new AlienDialogue({ clock, counters, write, signal });
    const portal = antennas.some((antenna) => roles.get(antenna) === "portal");
    this.#poller = new Poller({
      clock,
      pauseMs: PAUSE_MS[portal ? "portal" : "shelf"],
      poll: () => this.#poll(),
      fail,
    });
  }

  get counters(): Readonly<Record<string, number>> {
    return this.#dialogue.counters;
  }

  receive(chunk: Uint8Array): void {
    this.#dialogue.receive(chunk);
  }

  async setUp(): Promise<Identity> {
    const { reader } = this.#context;
    const password = reader.passwordFile === undefined ? FACTORY.password : readSecret(reader.passwordFile).value;
    await this.#dialogue.login({ username: reader.username ?? FACTORY.username, password });
    await this.#settle();
    const identity = await identify(this.#dialogue);
    await this.#configure();
    await this.#askAntennas();
    return identity;
  }

  start(): void {
    const { clock } = this.#context;
    this.lastRound = clock.mono();
    this.#tellCoverage(this.lastRound);
    this.#poller.start();
  }

  end(error: unknown): void {
    this.#poller.stop();
    this.#dialogue.end(error);
  }

  /** It may acquire and push by itself since an earlier client: until it has stopped, what comes may belong to no command. */
  async #settle(): Promise<void> {
    for (const mode of ["AutoMode", "NotifyMode", "TagStreamMode"]) await this.#setWhereKnown(mode, "OFF");
  }

  /** A setting that not every model has; where it is not known, there is nothing to set. */
  async #setWhereKnown(name: string, value: string | number): Promise<void> {
    await this.#dialogue.set(name, value).catch((error: unknown) => {
      if (!isStorewardError(error, "ALIEN_ERROR")) throw error;
      this.#context.counters.add("unknownSettings");
    });
  }

  /**
   * One entry for each antenna that saw a tag, and only what the last acquisition saw. Session 0, because in the others a tag that was
   * read stays quiet for the next rounds.
   */
  async #configure(): Promise<void> {
    const { antennas, reader } = this.#context;
    const highest = await this.#dialogue.get("MaxAntenna");
    const count = highest === undefined ? undefined : Number(highest) + 1;
    const missing = antennas.find((antenna) => count !== undefined && antenna > count);
    if (missing !== undefined) throw E.ALIEN_ANTENNA({ antenna: missing, count: count ?? 0 });
    await this.#dialogue.set("AntennaSequence", antennas.map(portOf).join(", "));
    for (const { antenna, power } of reader.antennas)
      if (antennas.includes(antenna)) await this.#setPower(antenna, power);
    await this.#setWhereKnown("AcquireMode", "Inventory");
    await this.#setWhereKnown("AcqG2Session", 0);
    // With one antenna there is nothing to combine; with several, a list that does would say of each tag only where it was last.
    if (antennas.length > 1) await this.#dialogue.set("TagListAntennaCombine", "OFF");
    await this.#dialogue.set("PersistTime", -1);
    await this.#dialogue.set("TagListCustomFormat", TAG_FORMAT);
    await this.#dialogue.set("TagListFormat", "Custom");
    await this.#dialogue.command("clear TagList");
  }

  /** Tenths of a dBm, never more than configured: `set RFLevel = <port> <level>`. */
  #setPower(antenna: number, power: number): Promise<unknown> {
    return this.#dialogue.set("RFLevel", `${portOf(antenna)} ${Math.floor(power * 10 + 1e-6)}`);
  }

  async #poll(): Promise<void> {
    const { clock, signal } = this.#context;
    const lines = await this.#dialogue.command("get TagList", ACQUIRE_MS);
    const whole = this.#takeList(lines, clock.mono());
    // What it was not, or its end, may still be on its way: it must not be taken for the answer to what is asked next.
    if (!whole) await clock.sleep(RESYNC_MS, signal);
    if (clock.mono() - this.#antennasAskedAt < ANTENNAS_MS) return;
    await this.#askAntennas();
    this.#tellCoverage(clock.mono());
  }

  /** `AntennaStatus` names the ports with something connected. Readers that cannot tell do not know the name. */
  async #askAntennas(): Promise<void> {
    const { antennas, clock, counters } = this.#context;
    this.#antennasAskedAt = clock.mono();
    const status = await this.#dialogue.get("AntennaStatus");
    const connected = status === undefined ? undefined : new Set(status.split(/[\s,]+/).map(Number));
    const unconnected = antennas.filter((antenna) => connected !== undefined && !connected.has(portOf(antenna)));
    if (unconnected.some((antenna) => !this.#unconnected.includes(antenna))) counters.add("antennaLost");
    this.#unconnected = unconnected;
  }

  #tellCoverage(since: number): void {
    const { book } = this.#context;
    const watching = this.#watching();
    book.set(this.#unconnected, "blind", since, "antenna not connected");
    book.set(watching, "watching", since, "connected");
  }

  #watching(): number[] {
    return this.#context.antennas.filter((antenna) => !this.#unconnected.includes(antenna));
  }

  /** False where some of it is no tag list: its tags were read, but it was not everything that was read. */
  #takeList(lines: readonly string[], at: number): boolean {
    const { book, counters, emit } = this.#context;
    const reads: TagRead[] = [];
    let whole = lines.length > 0;
    for (const line of lines) {
      if (line === NO_TAGS) continue;
      const tag = parseTagLine(line);
      if (tag === undefined) {
        counters.add("badLines");
        whole = false;
      } else if (book.has(tag.port + 1)) reads.push(readOf(tag, at));
      else counters.add("foreignAntennas");
    }
    if (reads.length > 0) {
      book.note(reads, at);
      emit({ type: "reads", reads });
    }
    if (!whole) return false;
    this.lastRound = at;
    const antennas = this.#watching();
    if (antennas.length > 0) emit({ type: "round", antennas, at });
    return true;
  }
}

/** Ports are counted from 0, antennas from 1. */
function portOf(antenna: number): number {
  return antenna - 1;
}

function readOf({ epc, port, rssi, count }: AlienTag, at: number): TagRead {
  return { epc, antenna: port + 1, rssi: rssi ?? NO_RSSI, first: at, last: at, count };
}

export async function identify(dialogue: AlienDialogue): Promise<Identity> {
  const type = await dialogue.get("ReaderType");
  // Whatever else may answer on this line, it has no reader type.
  if (type === undefined) throw E.ALIEN_UNKNOWN();
  return { model: type, firmware: (await dialogue.get("ReaderVersion")) ?? "" };
}
