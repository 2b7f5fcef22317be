import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import Database from "better-sqlite3";
import type { BoxProcess } from "./box-process.js";

const AGENTS = ["edge-stores", "edge-theatre"];

/** Rows by `agent epoch seq`: what kind of observation each is. */
export type Rows = Map<string, string>;

/** Every row that the agents' journals hold. The box must be stopped: a journal has one process at a time. */
export function journaled(box: BoxProcess): Rows {
  const rows: Rows = new Map();
  for (const agent of AGENTS) {
    const file = join(box.data, "agents", agent, "journal.db");
    if (!existsSync(file)) throw new Error(`no journal ${file}`);
    const db = new Database(file, { readonly: true });
    const all = db
      .prepare(
        "SELECT e.epoch AS epoch, r.seq AS seq, r.body AS body FROM journal_row r JOIN epoch e ON e.number = r.epoch",
      )
      .all() as { epoch: string; seq: number; body: string }[];
    db.close();
    for (const { epoch, seq, body } of all) {
      rows.set(`${agent} ${epoch} ${seq}`, (JSON.parse(body) as { type: string }).type);
    }
  }
  return rows;
}

/** Every row of the agents that the cloud's journal holds, read from a backup; a row that stands there twice is an error. */
export function inCloud(backupFile: string): Rows {
  const rows: Rows = new Map();
  let table = "";
  for (const line of gunzipSync(readFileSync(backupFile)).toString().split("\n")) {
    if (line.startsWith('{"table":"')) table = (JSON.parse(line) as { table: string }).table;
    else if (table === "journal" && line.startsWith("{")) {
      const row = JSON.parse(line) as { agent: string; epoch: string; seq: number; type: string };
      if (!AGENTS.includes(row.agent)) continue;
      const key = `${row.agent} ${row.epoch} ${row.seq}`;
      if (rows.has(key)) throw new Error(`${key} is in the cloud twice`);
      rows.set(key, row.type);
    }
  }
  return rows;
}

/** `storeward-cloud backup` and `restore`, as an administrator would run them. */
export async function cloudCommand(box: BoxProcess, ...args: readonly string[]): Promise<void> {
  const config = join(box.data, "provisioned", "cloud", "cloud.yaml");
  await promisify(execFile)(
    process.execPath,
    [join(box.root, "cloud-ingest/bin/storeward-cloud.js"), ...args, "--config", config],
    {
      env: box.env,
    },
  );
}

/** Where the database of the box is: started by root it may live outside the data folder. */
export function databaseFolder(box: BoxProcess): string {
  const pointer = join(box.data, "cloud", "postgres.location");
  return existsSync(pointer) ? readFileSync(pointer, "utf8").trim() : join(box.data, "cloud");
}

/** The process id of the database's main process; 0 while none has said its own. */
export function databaseProcess(box: BoxProcess): number {
  const file = join(databaseFolder(box), "postgres", "postmaster.pid");
  return existsSync(file) ? Number(readFileSync(file, "utf8").split("\n")[0]) : 0;
}

/** SIGKILL to it. */
export function killDatabase(box: BoxProcess): void {
  process.kill(databaseProcess(box), "SIGKILL");
}
