import { partitionOf } from "@storeward/contracts";
import type { Clock } from "@storeward/runtime";
import { createLog, type Packing, type PlainLog } from "../journal/index.js";
import type { Evidence, Fact } from "./fold/evidence.js";
import { SHARDS } from "./migrations.js";

/** A sighting that counts for an item, or no longer does. */
export interface EvidenceBody extends Evidence {
  readonly item: string;
  /** The tag was not on this item after all. */
  readonly withdrawn?: true;
}

type Packed = readonly [
  item: string,
  tag: number,
  at: number,
  agent: string,
  epoch: string,
  seq: number,
  withdrawn: 0 | 1,
  fact: Fact,
];

type OmitLast<T extends readonly unknown[]> = T extends readonly [...infer First, unknown] ? First : never;

/** The JSON of each fact: it is written twice, with its sighting and with the evidence. */
const texts = new WeakMap<Fact, string>();

export function factText(fact: Fact): string {
  const text = texts.get(fact) ?? JSON.stringify(fact);
  texts.set(fact, text);
  return text;
}

/** What a row of the log holds: it is packed, where an older release has not written its body as JSON. */
export type StoredEvidence = { readonly packed: string } | { readonly packed?: null; readonly body: EvidenceBody };

export function evidenceOfRow(row: StoredEvidence): EvidenceBody {
  return row.packed == null ? row.body : packing.unpack(row.packed);
}

/** JSON without names, but for those of the fact. */
const packing: Packing<EvidenceBody> = {
  // Its JSON is kept beside it; most of its other texts are those of the journal's row and of the places.
  bytes: 900,
  pack: ({ item, tag, at, agent, epoch, seq, withdrawn, fact }) => {
    const names = [item, tag, at, agent, epoch, seq, withdrawn ? 1 : 0] satisfies OmitLast<Packed>;
    return `${JSON.stringify(names).slice(0, -1)},${factText(fact)}]`;
  },
  unpack: (text) => {
    const [item, tag, at, agent, epoch, seq, withdrawn, fact] = JSON.parse(text) as Packed;
    const body = { item, tag, at, agent, epoch, seq, fact };
    return withdrawn === 1 ? { ...body, withdrawn: true } : body;
  },
};

/** The log between the journal, which is in order by agent, and the locations, which are in order by item. */
export function createEvidenceLog(clock?: Clock): PlainLog<EvidenceBody> {
  return createLog<EvidenceBody>(
    {
      table: "evidence",
      headTable: "evidence_head",
      partitions: SHARDS,
      ...(clock === undefined ? {} : { clock }),
    },
    packing,
  );
}

export function shardOf(item: string): number {
  return partitionOf(item) % SHARDS;
}
