import { MAX_BATCH_ROWS } from "@storeward/contracts";
import { type Clock, randomHex } from "@storeward/runtime";
import { instantNow } from "../journal/body.js";
import type { EdgeJournal } from "../journal/journal.js";
import type { Connection } from "./connection.js";
import { type ReadPointNow, snapshotTexts } from "./snapshot.js";

export interface SnapshotsOptions {
  readonly agent: string;
  readonly journal: EdgeJournal;
  /** Which read points look now, for the present that is shown while the past is on its way. */
  readonly coverage: () => readonly ReadPointNow[];
  readonly clock: Clock;
}

/** The present before the past, on connect and while behind; latest wins: what cannot go out now is not kept. */
export class Snapshots {
  readonly #options: SnapshotsOptions;
  #isDue = false;
  /** Parts that the broker does not have yet, and of which connection. */
  #parts = 0;
  #connection: Connection | undefined;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
  }

  /** A new connection begins with one. */
  connected(connection: Connection | undefined): void {
    this.#connection = connection;
    this.#parts = 0;
    this.#isDue = true;
  }

  /** Another is due where more waits than goes in one batch: what the cloud shows is not the present. */
  look(): void {
    const { head, acked } = this.#options.journal.stats();
    this.#isDue = head - acked > MAX_BATCH_ROWS;
  }

  /** To be called while the cloud listens in this session. */
  publish(session: string): void {
    const connection = this.#connection;
    if (!this.#isDue || connection?.open !== true || this.#parts > 0) return;
    this.#isDue = false;
    const { agent, journal, clock, coverage } = this.#options;
    const asOf = { epoch: journal.epoch, seq: journal.stats().head, at: instantNow(clock, journal.boot) };
    const identity = { agent, session, snapshot: randomHex(16), asOf };
    const texts = snapshotTexts({ ...identity, coverage: coverage(), presences: journal.presences() });
    this.#parts = texts.length;
    for (const text of texts)
      connection.publish("snapshot", text, () => {
        if (this.#connection === connection) this.#parts--;
      });
  }
}
