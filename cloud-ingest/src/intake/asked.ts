import type { Ack, Hello, KeptEpoch, Reject } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import type { IntakeCursor } from "./cursor.js";
import { payloadHash, type Refusal, readEnvelope } from "./envelope.js";
import { pieceOfBatch, pieceOfOpaque } from "./sequence.js";
import { type Submission, submissionOf } from "./submission.js";

/** What a message of an agent or of a source asks for. */
export type Asked =
  | { readonly kind: "hello"; readonly hello: Hello }
  | { readonly kind: "reject"; readonly payload: Buffer; readonly refusal: Refusal }
  | { readonly kind: "piece"; readonly session: string; readonly submission: Submission };

/** Reads a message of `agent`. Never throws. */
export function readAsked(agent: string, payload: Buffer): Asked {
  const said = readEnvelope(agent, payload);
  if (said.kind === "reject") return { kind: "reject", payload, refusal: said };
  if (said.kind === "hello") return said;
  const piece = said.kind === "batch" ? pieceOfBatch(said.batch, said.bodies) : pieceOfOpaque(said.opaque);
  if ("kind" in piece) return { kind: "reject", payload, refusal: piece };
  const { session } = said.kind === "batch" ? said.batch : said.opaque;
  const came = said.kind === "batch" ? { through: said.batch.through } : { opaque: true };
  return { kind: "piece", session, submission: submissionOf(agent, piece, came) };
}

/** What an answer says besides where a journal stands. `now` in ms since 1970. */
export interface Answering {
  readonly ledger: string;
  readonly credit: number;
  readonly now: number;
}

/** Where a life of a journal stands, for the session that has asked. */
export function ackOf(session: string, cursor: IntakeCursor, { ledger, credit, now }: Answering): Ack {
  const { epoch, committed, chain } = cursor;
  const released = Math.min(cursor.released, committed);
  return { v: 1, kind: "ack", ledger, session, epoch, committed, chain, released, credit, utc: isoMs(now) };
}

export function rejectOf(payload: Buffer, { code, detail }: Refusal, ledger: string): Reject {
  return { v: 1, kind: "reject", ledger, code, detail, hash: payloadHash(payload) };
}

/** What is kept of an epoch where it comes from and what is here of it have parted: a journal was restored from a copy, or two have one identity. */
export function isAnotherLife({ epoch, committed, chain }: IntakeCursor, kept: KeptEpoch): boolean {
  if (epoch !== kept.epoch || committed === 0) return false;
  if (committed > kept.head) return true;
  return (
    (committed === kept.head && chain !== kept.headChain) || (committed === kept.acked && chain !== kept.ackedChain)
  );
}
