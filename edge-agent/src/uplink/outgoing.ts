import { type Instant, MAX_COPY_BYTES } from "@storeward/contracts";
import type { Clock } from "@storeward/runtime";
import { instantNow } from "../journal/body.js";
import type { EdgeJournal, JournalRow } from "../journal/journal.js";
import type { Position } from "../journal/lost.js";
import type { Flight } from "./flights.js";
import {
  batchText,
  helloText,
  type Identity,
  opaqueText,
  throughOfNow,
  throughOfRow,
  writtenEpoch,
} from "./messages.js";
import type { Piece } from "./piece.js";

export interface OutgoingOptions {
  readonly identity: Identity;
  readonly journal: EdgeJournal;
  /** Mono ms of this boot: everything observed up to it is in the journal. */
  readonly through: () => number;
  readonly clock: Pick<Clock, "mono" | "wall">;
}

/** A payload for `…/batch`, and what is waited for once it is on its way. */
export interface Outgoing {
  readonly payload: string;
  readonly at: Pick<Flight, "kind" | "first" | "last" | "prev" | "rows">;
}

/** Writes what one session says of one journal; `sent` is the last row said in it. */
export class OutgoingMessages {
  readonly #options: OutgoingOptions;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  hello(session: string): Outgoing {
    const { identity, journal, clock } = this.#options;
    const payload = helloText(identity, session, journal, instantNow(clock, journal.boot));
    return { payload, at: { kind: "hello", first: 0, last: 0, prev: "", rows: 0 } };
  }

  rows(session: string, sent: Position, { rows, lost, end }: Piece, atHead: boolean): Outgoing {
    const parts = { ...this.#envelope(session), prev: sent.chain, first: sent.seq + 1, last: end.seq, lost };
    const payload = batchText({ ...parts, through: this.#through(rows.at(-1), atHead), rows });
    const { first, last, prev } = parts;
    return { payload, at: { kind: "rows", first, last, prev, rows: rows.length } };
  }

  /** The row that no batch may hold. */
  opaque(session: string, sent: Position, row: JournalRow): Outgoing {
    const { seq } = row;
    const payload = opaqueText(row, { ...this.#envelope(session), prev: sent.chain });
    return { payload, at: { kind: "opaque", first: seq, last: seq, prev: sent.chain, rows: 1 } };
  }

  /** Nothing to say, but said: that everything observed until now is with the cloud. */
  quiet(session: string, { seq: last, chain: prev }: Position): Outgoing {
    const { journal } = this.#options;
    const atHead = last === writtenEpoch(journal).head;
    const [row] = atHead ? [] : journal.read(last - 1, 1, MAX_COPY_BYTES);
    const through = this.#through(row?.seq === last ? row : undefined, atHead);
    const parts = { first: last + 1, last, prev };
    const payload = batchText({ ...this.#envelope(session), ...parts, lost: [], through, rows: [] });
    return { payload, at: { kind: "empty", ...parts, rows: 0 } };
  }

  #envelope(session: string) {
    const { identity, journal } = this.#options;
    return { agent: identity.agent, session, epoch: journal.epoch };
  }

  #through(row: JournalRow | undefined, atHead: boolean): Instant {
    const { journal, clock, through } = this.#options;
    if (!atHead && row !== undefined) return throughOfRow(row);
    // Behind the head and without the row, nothing is promised of this boot.
    return throughOfNow(instantNow(clock, journal.boot), atHead ? through() : 0);
  }
}
