import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { createLogger, FORK_CRASH_POINTS, ManualClock, SALVAGE_CRASH_POINTS } from "@storeward/runtime";
import type { EdgeJournal } from "../../src/journal/journal.js";
import { originOf } from "../../src/journal/origin.js";
import { openJournal } from "../../src/journal/sqlite-journal.js";
import type { Compiled } from "../compiled.js";

/* What a journal does to itself, killed in the middle of it: a fork carries its rows into a new epoch, a salvage into a new file. */

type Repair = "fork" | "salvage";
type Point = (typeof REPAIR_POINTS)[Repair][number];

/** Where each of them may be killed. */
export const REPAIR_POINTS = { fork: FORK_CRASH_POINTS, salvage: SALVAGE_CRASH_POINTS } as const;

export interface RepairKill {
  readonly compiled: Compiled;
  readonly dir: string;
  readonly repair: Repair;
  /** It is killed when it passes each of these so many times, one kill after the other, and then left to finish. */
  readonly points: readonly { readonly label: Point; readonly count: number }[];
  readonly rows: number;
}

const MAX_BYTES = 64 * 1024 * 1024;
/** Of the database. */
const PAGE = 4096;
const log = createLogger("test", { level: "silent" });

/** Opens a journal, and forks it where that is asked for and not yet done; ends when nothing is under way. */
const REPAIRER = `
import { createLogger, systemClock } from "@storeward/runtime";
import { openJournal } from "./src/journal/sqlite-journal.js";
const [file, epoch] = process.argv.slice(2);
const log = createLogger("repairer", { level: "silent" });
const journal = openJournal({ file, maxBytes: ${MAX_BYTES}, config: 1, clock: systemClock, log });
if (journal.epoch === epoch) journal.fork(journal.stats().head + 7);
const wait = () => {
  if (journal.forking) setTimeout(wait, 1);
  else {
    journal.close();
    process.exit(0);
  }
};
wait();
`;

/** Kills a repair at each point, lets it finish, and says what is wrong afterwards. */
export async function killRepair({ compiled, dir, repair, points, rows }: RepairKill): Promise<string[]> {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, "journal.db");
  const epoch = await journalOf(file, rows);
  if (repair === "salvage") damage(file, Math.floor(rows / 2));
  const expected = repair === "salvage" ? await salvagedCopy(dir, file) : undefined;
  const script = join(compiled.agent, "repairer.js");
  if (!existsSync(script)) writeFileSync(script, REPAIRER);
  // While a fork is under way the epoch is the old one, and a salvaged journal has another: only the first start forks.
  const args = [script, file, repair === "fork" ? epoch : "none"];
  const wrong: string[] = [];
  for (const { label, count } of points) {
    const child = spawn(process.execPath, args, {
      stdio: "inherit",
      env: { ...process.env, STOREWARD_CRASH_AT: `${label}:${count}` },
    });
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    if (signal !== "SIGKILL") wrong.push(`it ended with ${code} and was not killed ${label}:${count}`);
  }
  return [...wrong, ...(await afterwards(file, { epoch, rows, expected }))];
}

/** Rows with numbers of their own, each with a presence; returns the epoch. */
async function journalOf(file: string, rows: number): Promise<string> {
  const clock = new ManualClock();
  const journal = open(file, clock);
  for (let port = 0; port < rows; port += 256) {
    const entries = Array.from({ length: Math.min(256, rows - port) }, (_, i) => ({
      draft: { type: "input" as const, reader: "r1", port: port + i, high: true },
      presence: { readPoint: "p", epc: String((port + i) % 7), state: String(port + i) },
    }));
    const kept = journal.append(entries);
    await clock.advance(50);
    await kept;
  }
  journal.close();
  return journal.epoch;
}

/** As a card that has lost a page: the one that this row lies on. */
function damage(file: string, port: number): void {
  const at = readFileSync(file).indexOf(`"port":${port},`);
  if (at < 0) throw new Error(`row ${port + 1} is not in the file`);
  const handle = openSync(file, "r+");
  writeSync(handle, Buffer.alloc(PAGE, 0xa5), 0, PAGE, Math.floor(at / PAGE) * PAGE);
  closeSync(handle);
}

interface Books {
  /** Numbers of the rows, in order. */
  readonly ports: readonly number[];
  readonly gaps: number;
  readonly lost: number;
  readonly presences: string;
}

/** What a salvage makes of the same file when nothing disturbs it. */
async function salvagedCopy(dir: string, file: string): Promise<Books> {
  const copy = join(dir, "undisturbed.db");
  for (const end of ["", ".head"]) copyFileSync(`${file}${end}`, `${copy}${end}`);
  const journal = open(copy, new ManualClock());
  const books = booksOf(journal);
  journal.close();
  return books;
}

async function afterwards(
  file: string,
  { epoch, rows, expected }: { epoch: string; rows: number; expected: Books | undefined },
): Promise<string[]> {
  const clock = new ManualClock();
  const journal = open(file, clock);
  for (let tries = 0; journal.forking && tries < 10_000; tries++) await clock.advance(5);
  const books = booksOf(journal);
  const wrong: string[] = [];
  if (journal.epoch === epoch) wrong.push("it has not changed its epoch");
  if (journal.forking) wrong.push("the fork does not end");
  for (const { seq, body } of journal.read(0, 1e6, 1e9)) {
    const origin = originOf(body);
    const { port } = JSON.parse(body) as { port?: number };
    if (port !== undefined && (origin?.epoch !== epoch || origin.seq !== port + 1))
      wrong.push(`row ${seq} is not a copy of row ${port + 1}`);
  }
  journal.close();
  if (expected === undefined) {
    const all = Array.from({ length: rows }, (_, port) => port);
    if (books.ports.join() !== all.join()) wrong.push("a row is missing, twice, or not in its place");
    if (books.gaps !== 1 || books.lost !== 0) wrong.push(`${books.gaps} gaps and ${books.lost} lost rows of a fork`);
  } else {
    if (expected.lost === 0) wrong.push("nothing was damaged");
    if (JSON.stringify(books) !== JSON.stringify(expected)) wrong.push("it is not what an undisturbed salvage makes");
    if (books.ports.length + books.lost !== rows) wrong.push("rows and lost rows are not all there were");
  }
  return wrong;
}

function booksOf(journal: EdgeJournal): Books {
  const ports: number[] = [];
  let gaps = 0;
  // Asked for the runs afterwards: reading may find more of them.
  for (const { body } of journal.read(0, 1e6, 1e9)) {
    const { port } = JSON.parse(body) as { port?: number };
    if (port === undefined) gaps++;
    else ports.push(port);
  }
  const lost = journal.lostAfter(0, 1e6).reduce((sum, { from, to }) => sum + to - from + 1, 0);
  return { ports, gaps, lost, presences: JSON.stringify(journal.presences()) };
}

function open(file: string, clock: ManualClock): EdgeJournal {
  return openJournal({ file, maxBytes: MAX_BYTES, config: 1, clock, log });
}
