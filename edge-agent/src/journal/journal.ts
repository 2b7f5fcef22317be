import type { KeptEpoch, ObservationDraft } from "@storeward/contracts";

/** What a filter asks to be kept: an observation, with the presence that holds from then on (stored in the same transaction). */
export interface Entry {
  readonly draft: ObservationDraft;
  /** Presence of a tag at a read point after this row: the filter's own state as JSON text, or null when it is gone. */
  readonly presence?: { readonly readPoint: string; readonly epc: string; readonly state: string | null };
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
}

/** The device's journal of one epoch (journals.md). Every port implementation passes `journal.contract.ts`. */
export interface EdgeJournal {
  readonly epoch: string;
  readonly boot: string;
  /** Keeps the entries in order and resolves when they are on disk (group commit: at most 50 ms or 256 rows). Rejects with JOURNAL_FULL. */
  append(entries: readonly Entry[]): Promise<void>;
  /** Rows after `seq` in order, at most so many rows and bytes. */
  read(afterSeq: number, maxRows: number, maxBytes: number): JournalRow[];
  /** The chain at `seq` (0: genesis), or undefined where the row is no longer kept. */
  chainAt(seq: number): string | undefined;
  /** Epochs still kept, oldest first; the last is the one being written. */
  kept(): KeptEpoch[];
  /** Notes what the cloud has committed, and deletes what it has released. */
  acknowledge(epoch: string, committed: number, chain: string, released: number): void;
  presences(): StoredPresence[];
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
  close(): void;
}
