import type { CoverageState, ObservationDraft } from "@storeward/contracts";
import {
  type Clock,
  isStorewardError,
  type Logger,
  type Part,
  type StorewardError,
  type Timer,
} from "@storeward/runtime";
import type { Filter } from "./filtering/index.js";
import type { EdgeJournal, Entry, StoredPresence } from "./journal/journal.js";
import type { ReaderEvent } from "./readers/index.js";

/** `why`: why nothing was observed since `lastAlive` (wall ms), where the device was running all the same. */
export type MakeFilter = (stored: readonly StoredPresence[], lastAlive: number | undefined, why?: string) => Filter;

/** What one reader tells. */
export interface Told {
  readonly reader: string;
  readonly event: ReaderEvent;
}

export interface RecorderOptions {
  readonly journal: EdgeJournal;
  /** A filter that starts from what the journal knows to be present. */
  readonly makeFilter: MakeFilter;
  readonly clock: Clock;
  readonly log: Logger;
  /** Rows are on disk. */
  readonly onKept: () => void;
}

const TICK_MS = 50;
/** How often a journal that refused is asked again. */
const ASK_AGAIN_MS = 5_000;

interface Line {
  readonly state: CoverageState;
  readonly why: string;
}

/**
 * Lets the filter decide and the journal keep. What the journal refuses has never happened for the cloud, while the filter believes it
 * told it: so after a refusal nothing more is observed, and once there is room a new filter starts from what the journal knows, as
 * after a restart: blind since then, an inventory, and the differences.
 */
export class Recorder implements Part {
  readonly name = "recorder";
  readonly #options: RecorderOptions;
  #makeFilter: MakeFilter;
  #filter: Filter;
  #timer: Timer | undefined;
  #tickedAt: number;
  /** Calls of the journal that have not been answered. */
  #writing = 0;
  /** Since when (mono ms) the oldest of them waits. */
  #writingSince = 0;
  /** The last of them, settled either way. */
  #written: Promise<void> = Promise.resolve();
  /** Everything observed up to here (mono ms) is on disk. */
  #through: number;
  /** Since when (wall ms) nothing is observed, for the journal refuses or the filter is changed, and when it is tried again (mono ms). */
  #refused: { readonly since: number; askAt: number; readonly why?: string } | undefined;
  /** What each antenna of each reader last said, for a filter that starts late. */
  readonly #coverage = new Map<string, Map<number, Line>>();

  constructor(options: RecorderOptions) {
    this.#options = options;
    const { journal, makeFilter, clock } = options;
    this.#makeFilter = makeFilter;
    this.#filter = makeFilter(journal.presences(), journal.lastAlive);
    this.#tickedAt = clock.mono();
    this.#through = Math.min(this.#filter.through(), clock.mono());
  }

  async start(): Promise<void> {
    this.#tickedAt = this.#options.clock.mono();
    this.#timer = this.#options.clock.every(TICK_MS, () => this.#tick());
  }

  async stop(): Promise<void> {
    this.#timer?.stop();
    if (this.#refused === undefined) this.#append(this.#filter.tick(this.#options.clock.mono()));
  }

  handle(reader: string, event: ReaderEvent): void {
    if (event.type === "coverage") this.#note(reader, event);
    if (this.#refused === undefined) this.#append(this.#filter.handle(reader, event));
  }

  /** Journals what no filter makes: a learnt clock, a new configuration. */
  record(draft: ObservationDraft, note?: Entry["note"]): void {
    this.#append([note === undefined ? { draft } : { draft, note }]);
  }

  /**
   * Another filter decides from now on, from what the journal knows to be present. `last` is what the old one is told in the end; `between`
   * runs when everything it said is kept. What is read meanwhile is not observed, as the new filter says.
   */
  async change(
    makeFilter: MakeFilter,
    { last, why, between }: { last: readonly Told[]; why: string; between: () => void },
  ): Promise<void> {
    const { clock } = this.#options;
    if (this.#refused === undefined) {
      this.#append(this.#filter.tick(clock.mono()));
      for (const { reader, event } of last) this.#append(this.#filter.handle(reader, event));
      this.#refused = { since: clock.wall(), askAt: Number.POSITIVE_INFINITY, why };
    }
    while (this.#writing > 0) await this.#written;
    between();
    this.#makeFilter = makeFilter;
    this.#refused.askAt = clock.mono();
  }

  /** Names the read points of which an inventory is taken now. */
  takeInventory(readPoint: string | undefined, reason: string): string[] {
    return this.#refused === undefined ? this.#filter.takeInventory(readPoint, reason) : [];
  }

  /** For how long (ms) it has not looked at the time, and for how long the journal has not answered: both are short while all is well. */
  waiting(): { readonly tickMs: number; readonly journalMs: number } {
    const now = this.#options.clock.mono();
    return { tickMs: now - this.#tickedAt, journalMs: this.#writing === 0 ? 0 : now - this.#writingSince };
  }

  /** Everything observed up to here (mono ms of this boot) is in the journal. */
  through(): number {
    if (this.#writing === 0 && this.#refused === undefined) this.#through = this.#filter.through();
    return this.#through;
  }

  readPointOf(reader: string, antenna: number): string | undefined {
    return this.#filter.readPointOf(reader, antenna);
  }

  /** Which read points look now. */
  coverage(): ReturnType<Filter["coverage"]> {
    return this.#filter.coverage();
  }

  filtered(): ReturnType<Filter["filtered"]> {
    return this.#filter.filtered();
  }

  /** What somebody must look at, until it is over. */
  problems(): StorewardError[] {
    return this.#filter.problems();
  }

  #tick(): void {
    const { clock } = this.#options;
    this.#tickedAt = clock.mono();
    if (this.#refused === undefined) this.#append(this.#filter.tick(clock.mono()));
    else if (clock.mono() >= this.#refused.askAt) this.#beginAgain(this.#refused);
  }

  #append(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    const { journal, onKept } = this.#options;
    const through = this.#filter.through();
    if (this.#writing++ === 0) this.#writingSince = this.#options.clock.mono();
    this.#written = journal.append(entries, through).then(
      () => {
        this.#writing--;
        if (this.#refused === undefined) this.#through = Math.max(this.#through, through);
        onKept();
      },
      (error: unknown) => {
        this.#writing--;
        this.#onRefused(error);
      },
    );
  }

  #onRefused(error: unknown): void {
    const { clock, log } = this.#options;
    if (this.#refused !== undefined || isStorewardError(error, "JOURNAL_CLOSED")) return;
    log.error({ err: error }, "what the readers see is not kept until the journal takes rows again");
    this.#refused = { since: clock.wall(), askAt: clock.mono() + ASK_AGAIN_MS };
  }

  #beginAgain(refused: { readonly since: number; askAt: number; readonly why?: string }): void {
    const { journal, clock, log } = this.#options;
    if (this.#writing > 0) return;
    if (journal.stats().full) {
      refused.askAt = clock.mono() + ASK_AGAIN_MS;
      return;
    }
    log.info({ since: refused.why ?? "the journal was full" }, "observing anew");
    this.#refused = undefined;
    this.#filter = this.#makeFilter(journal.presences(), refused.since, refused.why ?? "the journal was full");
    const since = clock.mono();
    for (const [reader, lines] of this.#coverage)
      for (const [antenna, { state, why }] of lines)
        this.#append(this.#filter.handle(reader, { type: "coverage", antennas: [antenna], state, since, why }));
  }

  #note(reader: string, event: Extract<ReaderEvent, { type: "coverage" }>): void {
    const lines = this.#coverage.get(reader) ?? new Map<number, Line>();
    for (const antenna of event.antennas) lines.set(antenna, { state: event.state, why: event.why });
    this.#coverage.set(reader, lines);
  }
}
