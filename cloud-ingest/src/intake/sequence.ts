import { type Batch, type Lost, MAX_BATCH_ROWS, type Opaque } from "@storeward/contracts";
import { type Refusal, refusal } from "./envelope.js";

/** What takes a place, or a range of places, in an agent's sequence. */
export type Entry =
  | { readonly kind: "row"; readonly seq: number; readonly body: Buffer }
  | { readonly kind: "lost"; readonly lost: Lost };

/** A piece of an agent's sequence, from `first` to `last`, behind the chain `prev`. */
export interface Piece {
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
  readonly prev: string;
  readonly entries: readonly Entry[];
}

/** Gives the bodies and lost ranges of a batch their places; a batch that does not cover `[first, last]` exactly is refused. */
export function pieceOfBatch(batch: Batch, bodies: readonly Buffer[]): Piece | Refusal {
  const { epoch, first, last, prev } = batch;
  if (last < first - 1) return refusal("BATCH_RANGE", "last is before first");
  if (bodies.length > MAX_BATCH_ROWS) return refusal("BATCH_TOO_LONG", `more than ${MAX_BATCH_ROWS} rows`);
  const entries: Entry[] = [];
  let seq = first;
  let next = 0;
  const rowsBefore = (end: number): boolean => {
    for (; seq < end; seq++, next++) {
      const body = bodies[next];
      if (body === undefined) return false;
      entries.push({ kind: "row", seq, body });
    }
    return true;
  };
  for (const lost of batch.lost) {
    if (lost.from < seq || lost.to < lost.from || lost.to > last)
      return refusal("BATCH_LOST_RANGE", `lost ${lost.from} to ${lost.to} is not in order within the batch`);
    if (!rowsBefore(lost.from)) return refusal("BATCH_INCOMPLETE", `the batch ends before row ${lost.from}`);
    entries.push({ kind: "lost", lost });
    seq = lost.to + 1;
  }
  if (!rowsBefore(last + 1)) return refusal("BATCH_INCOMPLETE", `the batch ends before row ${last}`);
  if (next !== bodies.length) return refusal("BATCH_SURPLUS", `the batch has rows beyond ${last}`);
  return { epoch, first, last, prev, entries };
}

export function pieceOfOpaque({ epoch, seq, prev, body }: Opaque): Piece {
  const entries: Entry[] = [{ kind: "row", seq, body: Buffer.from(body, "base64") }];
  return { epoch, first: seq, last: seq, prev, entries };
}
