import type { KeptEpoch, Lost, ObservationDraft } from "@storeward/contracts";
import type { StorewardError } from "@storeward/runtime";

/** What a filter asks to be kept: an observation, with the presence that holds from then on (stored in the same transaction). */
export interface Entry {
  readonly draft: ObservationDraft;
  /** Presence of a tag at a read point after this row: the filter's own state as JSON text, or null when it is gone. */
  readonly presence?: { readonly readPoint: string; readonly epc: string; readonly state: string | null };
  /** A fact about this device that holds from this row on, asked for again with `note(key)`. */
  readonly note?: { readonly key: string; readonly value: string };
}

/** A presence as it was stored, given back to the filter after a restart. */
export interface StoredPresence {
  readonly readPoint: string;
  readonly epc: string;
  readonly state: string;
}

/** One journaled row. `body` is the exact text that was hashed. */
export interface JournalRow {
  readonly seq: number;
  readonly body: string;
  readonly chain: string;
  /** Everything observed up to here (mono ms of the boot the row names) is at or before this row. */
  readonly through: number;
}

/** The device's journal (journals.md). Every implementation of the port passes `journal.contract.ts`. */
export interface EdgeJournal {
  /** The epoch being written. It is another one when a fork is through. */
  readonly epoch: string;
  readonly boot: string;
  /**
   * Keeps the entries in order, all or none, and resolves when they are on disk (group commit: at most 50 ms or 256 rows). `through`, mono
   * ms of this boot: everything observed up to it is in these entries or before them; absent, as the call before said. Rejects with
   * JOURNAL_FULL (and journals a `gap` as soon as there is room), JOURNAL_ROW_TOO_LARGE, JOURNAL_CLOSED, or what the disk said.
   */
  append(entries: readonly Entry[], through?: number): Promise<void>;
  /**
   * Rows after `seq` in order, at most so many rows and bytes of bodies. Numbers between them that are no rows are in `lostAfter`: what gave
   * way when the journal was full, and what was found damaged, which is never given back as a row.
   */
  read(afterSeq: number, maxRows: number, maxBytes: number): JournalRow[];
  /** Runs of lost rows that end after `seq`, in order. Asked after `read`, which may find more of them. */
  lostAfter(afterSeq: number, limit: number): Lost[];
  /**
   * The chain at `seq` (0: genesis while row 1 is kept), also of the row before the oldest kept, and at the end of a lost run; undefined
   * further back, within a lost run, and after the head.
   */
  chainAt(seq: number): string | undefined;
  /** Epochs still kept, oldest first; the last is the one being written. */
  kept(): KeptEpoch[];
  /** Rows up to here may be on their way to the cloud, or there: they do not give way to others. */
  sent(seq: number): void;
  /**
   * Notes what the cloud has committed (also when that is less than before: the cloud went back), and deletes what it has released.
   * Throws JOURNAL_FORKED, and changes nothing, when the cloud's chain is not this journal's. An unknown epoch changes nothing.
   */
  acknowledge(epoch: string, committed: number, chain: string, released: number): void;
  /**
   * The cloud has another life of this epoch, `committed` rows of it: opens a new epoch and carries everything that is kept into it, with its
   * `origin`, and a `gap` behind it, for what the other life has had nobody here can know. Goes on in the background, and after a restart;
   * until it is through, rows are appended as before and nothing is to be sent.
   */
  fork(committed: number): void;
  /** A fork is under way. */
  readonly forking: boolean;
  presences(): StoredPresence[];
  note(key: string): string | undefined;
  /** When this device was last known alive before this boot, in wall milliseconds; undefined at the first start. */
  readonly lastAlive: number | undefined;
  stats(): {
    head: number;
    acked: number;
    released: number;
    oldest: number;
    bytes: number;
    maxBytes: number;
    full: boolean;
    refused: number;
  };
  /**
   * What somebody must look at: the journal is full or gives way, until that is over; that it is older than it was, in this run; that it has
   * forked or was salvaged, for a day.
   */
  problems(): StorewardError[];
  close(): void;
}
