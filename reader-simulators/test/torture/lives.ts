import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import Database from "better-sqlite3";

interface Body {
  readonly type: string;
  readonly at: { readonly boot: string; readonly mono: number };
  /** Where a copied row stood first (journals.md, "Fork"). */
  readonly origin?: { readonly epoch: string; readonly seq: number; readonly chain: string };
}

/** One row of the cloud's journal. */
export interface Recorded {
  readonly agent: string;
  readonly epoch: string;
  readonly seq: number;
  /** By its boot's clock, where one has dated it anew. */
  readonly observedAt: number;
  readonly dated: string;
  readonly body: Body;
}

/**
 * How often what was observed: by boot, moment and kind, which are the same in every copy of a row, whichever epoch it stands in and
 * whatever the cloud has made of its tags. Some share all three: that is why they are counted.
 */
export type Counts = ReadonlyMap<string, number>;

/** What the journals in these files gave out, each row once however often it was copied. */
export function givenOut(agent: string, files: readonly string[]): Counts {
  const rows = new Map<string, string>();
  for (const file of files) {
    const db = new Database(file, { readonly: true });
    try {
      const all = db
        .prepare("SELECT e.epoch, r.seq, r.chain, r.body FROM journal_row r JOIN epoch e ON e.number = r.epoch")
        .all() as { epoch: string; seq: number; chain: string; body: string }[];
      for (const { epoch, seq, chain, body } of all) {
        const read = JSON.parse(body) as Body;
        const first = read.origin ?? { epoch, seq, chain };
        rows.set(`${first.epoch} ${first.seq} ${first.chain}`, keyOf(agent, read));
      }
    } finally {
      db.close();
    }
  }
  return counted(rows.values());
}

/** The cloud's journal, from a backup. */
export function recorded(backupFile: string): Recorded[] {
  const rows: Recorded[] = [];
  const redated: Redated[] = [];
  let table = "";
  for (const line of gunzipSync(readFileSync(backupFile)).toString().split("\n")) {
    if (line.startsWith('{"table":"')) table = (JSON.parse(line) as { table: string }).table;
    else if (table === "journal" && line.startsWith("{")) {
      const row = JSON.parse(line) as Omit<Recorded, "observedAt"> & { observed_at: string; body: Body | Redated };
      const { agent, epoch, seq, dated, body } = row;
      if ("offsetMs" in body) redated.push(body);
      else if (body.at !== undefined)
        rows.push({ agent, epoch, seq: Number(seq), dated, body, observedAt: Date.parse(row.observed_at) });
    }
  }
  return rows.map((row) => {
    const last = redated.findLast((each) => isOf(row, each));
    return last === undefined ? row : { ...row, observedAt: row.body.at.mono + last.offsetMs };
  });
}

/** Which rows a clock has dated anew (docs/delivery.md, "Time"). */
interface Redated {
  readonly type: "redated";
  readonly agent: string;
  readonly epoch: string;
  readonly boot: string;
  readonly from: number;
  readonly to: number;
  readonly offsetMs: number;
}

function isOf({ agent, epoch, seq, body }: Recorded, { from, to, ...of }: Redated): boolean {
  return agent === of.agent && epoch === of.epoch && body.at.boot === of.boot && seq >= from && seq <= to;
}

export function union(...all: readonly Counts[]): Counts {
  return new Map(all.flatMap((counts) => [...counts]));
}

/** What the cloud has too little or too much of, of the boots that `given` knows: those have ended, and nothing is added to them. */
export function differences(given: Counts, rows: readonly Recorded[]): string[] {
  const boots = new Set([...given.keys()].map(bootOf));
  const cloud = counted(rows.map(({ agent, body }) => keyOf(agent, body)).filter((key) => boots.has(bootOf(key))));
  return [...new Set([...given.keys(), ...cloud.keys()])]
    .filter((key) => given.get(key) !== cloud.get(key))
    .map((key) => `${key}: given out ${given.get(key) ?? 0} times, in the cloud ${cloud.get(key) ?? 0} times`);
}

const keyOf = (agent: string, { at, type }: Body) => `${agent} ${at.boot} ${at.mono} ${type}`;
const bootOf = (key: string) => key.split(" ", 2).join(" ");

function counted(keys: Iterable<string>): Counts {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
