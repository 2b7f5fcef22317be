import type { KeptEpoch, ObservationDraft } from "@storeward/contracts";
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

/** The device's journal of one epoch (journals.md). Every port implementation passes `journal.contract.ts`. */
export interface EdgeJournal {
  readonly epoch: string;
  readonly boot: string;
  /**
   * Keeps the entries in order, all or none, and resolves when they are on disk (group commit: at most 50 ms or 256 rows). `through`, mono
   * ms of this boot: everything observed up to it is in these entries or before them; absent, as the call before said. Rejects with
   * JOURNAL_FULL (and journals a `gap` as soon as there is room), JOURNAL_ROW_TOO_LARGE, JOURNAL_CLOSED, or what the disk said.
   */
  append(entries: readonly Entry[], through?: number): Promise<void>;
  /** Rows after `seq` in order, at most so many rows and bytes of bodies. */
  read(afterSeq: number, maxRows: number, maxBytes: number): JournalRow[];
  /** The chain at `seq` (0: genesis while row 1 is kept), also of the row before the oldest kept; undefined further back, and after the head. */
  chainAt(seq: number): string | undefined;
  /** Epochs still kept, oldest first; the last is the one being written. */
  kept(): KeptEpoch[];
  /**
   * Notes what the cloud has committed (also when that is less than before: the cloud went back), and deletes what it has released.
   * Throws JOURNAL_FORKED, and changes nothing, when the cloud's chain is not this journal's. An unknown epoch changes nothing.
   */
  acknowledge(epoch: string, committed: number, chain: string, released: number): void;
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
  /** What somebody must look at, until it is over: the journal is full, or older than it was. */
  problems(): StorewardError[];
  close(): void;
}
