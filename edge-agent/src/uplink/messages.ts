import { createHash } from "node:crypto";
import {
  type Batch,
  ENVELOPE_VERSION,
  encodeUpward,
  type Hello,
  type Instant,
  type KeptEpoch,
  type Lost,
  type Observation,
  type Opaque,
} from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import type { EdgeJournal, JournalRow } from "../journal/journal.js";

export interface Identity {
  readonly agent: string;
  readonly ledger: string;
  readonly hardware: string;
  readonly software: string;
}

export function helloText(identity: Identity, session: string, journal: EdgeJournal, at: Instant): string {
  const hello: Hello = {
    v: ENVELOPE_VERSION,
    kind: "hello",
    ...identity,
    session,
    boot: journal.boot,
    at,
    epochs: journal.kept(),
  };
  return encodeUpward(hello);
}

export interface BatchParts extends Pick<Batch, "agent" | "session" | "epoch" | "first" | "last" | "prev" | "through"> {
  readonly lost: readonly Lost[];
  readonly rows: readonly JournalRow[];
}

export function batchText({ rows, lost, ...parts }: BatchParts): string {
  const batch: Batch = { v: ENVELOPE_VERSION, kind: "batch", ...parts, lost: [...lost] };
  return encodeUpward(
    batch,
    rows.map(({ body }) => body),
  );
}

export function opaqueText(
  { seq, body }: JournalRow,
  envelope: Pick<Opaque, "agent" | "session" | "epoch" | "prev">,
): string {
  const base64 = Buffer.from(body, "utf8").toString("base64");
  return encodeUpward({ v: ENVELOPE_VERSION, kind: "opaque", ...envelope, seq, body: base64 });
}

/** How far the agent had looked when this row was its last: on the row's own boot's clock, dated by what the row believed. */
export function throughOfRow({ body, through }: JournalRow): Instant {
  const { at } = JSON.parse(body) as Observation;
  return { boot: at.boot, mono: through, wall: isoMs(Date.parse(at.wall) - (at.mono - through)) };
}

/** How far this boot has looked: never beyond now. */
export function throughOfNow(now: Instant, through: number): Instant {
  const mono = Math.min(now.mono, Math.floor(through));
  return { ...now, mono, wall: isoMs(Date.parse(now.wall) - (now.mono - mono)) };
}

/** The epoch that the journal writes. */
export function writtenEpoch(journal: EdgeJournal): KeptEpoch {
  const last = journal.kept().at(-1);
  if (last === undefined) throw new RangeError("a journal keeps at least the epoch it writes");
  return last;
}

export function payloadHash(payload: string): string {
  return createHash("sha256").update(payload, "utf8").digest("hex").slice(0, 16);
}
