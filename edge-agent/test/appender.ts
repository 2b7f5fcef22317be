import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { nextChain } from "@storeward/runtime";
import type { EdgeJournal } from "../src/journal/journal.js";
import type { Compiled } from "./compiled.js";

/** Room of the appender's journal: whoever opens it after it must give it as much. */
export const APPENDER_MAX_BYTES = 64 * 1024 * 1024;

/**
 * Appends as fast as it can, all rows with presence, and writes down the number of each one that is kept. To a file: what is written to
 * one outlives the writer, and a pipe that is full refuses.
 */
const APPENDER = `
import { openSync, writeSync } from "node:fs";
import { createLogger, systemClock } from "@storeward/runtime";
const [file, from, promises, atOnce, sources] = process.argv.slice(2);
const { openJournal } = await import("./" + sources + "/journal/sqlite-journal.js");
const kept = openSync(promises, "w");
const log = createLogger("appender", { level: "silent" });
const journal = openJournal({ file, maxBytes: ${APPENDER_MAX_BYTES}, config: 1, clock: systemClock, log });
let waiting = 0;
let next = Number(from);
const more = () => {
  while (waiting < Number(atOnce)) {
    const port = next++;
    const draft = { type: "input", reader: "r1", port, high: true };
    const presence = { readPoint: "p", epc: String(port % 7), state: String(port) };
    waiting++;
    journal.append([{ draft, presence }]).then(() => {
      waiting--;
      writeSync(kept, port + "\\n");
    });
  }
  // The cloud takes rows and lets go of them meanwhile.
  const { head } = journal.stats();
  if (head > 500) journal.acknowledge(journal.epoch, head - 200, journal.chainAt(head - 200), head - 500);
  setTimeout(more, 1);
};
more();
`;

export interface AppenderOptions {
  readonly compiled: Compiled;
  readonly file: string;
  /** Row n + 1 holds number n; this is the first. */
  readonly from: number;
  /** The file in which it writes down what is kept, on a disk that stays. */
  readonly promises: string;
  /** So many rows wait for their commit at any time. */
  readonly atOnce?: number;
  /** The folder of the agent's sources, in the compiled ones. */
  readonly sources?: string;
}

/** A process that appends to a journal as fast as it can. */
export class Appender {
  readonly #child: ChildProcess;
  readonly #promises: string;

  constructor({ compiled, file, from, promises, atOnce = 400, sources = "src" }: AppenderOptions) {
    const script = join(compiled.agent, "appender.js");
    if (!existsSync(script)) writeFileSync(script, APPENDER);
    this.#promises = promises;
    const args = [script, file, String(from), promises, String(atOnce), sources];
    this.#child = spawn(process.execPath, args, { stdio: "inherit" });
  }

  /** The first rows are kept. */
  async begun(): Promise<void> {
    while (!existsSync(this.#promises) || statSync(this.#promises).size === 0) {
      if (this.#child.exitCode !== null) throw new Error(`the appender ended by itself with ${this.#child.exitCode}`);
      await wait(5);
    }
  }

  /** Resolves when it stands still, which is after the system call that it is in. */
  async pause(): Promise<void> {
    this.#child.kill("SIGSTOP");
    for (let tries = 0; !this.#isStopped(); tries++) {
      if (tries > 2_000) throw new Error("the appender does not stand still");
      await wait(2);
    }
  }

  /** Linux: the state stands behind the name in brackets (proc(5)). */
  #isStopped(): boolean {
    return /\) T /.test(readFileSync(`/proc/${this.#child.pid}/stat`, "utf8"));
  }

  resume(): void {
    this.#child.kill("SIGCONT");
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await closed;
  }

  /** The numbers that were promised to be kept, in the order of the promises; a line that is cut is no promise. */
  promised(): number[] {
    return readFileSync(this.#promises, "utf8").split("\n").slice(0, -1).map(Number);
  }
}

/** What is wrong with a journal that the appender wrote, from its oldest row to its head; nothing when it is sound. */
export function faultsOf(journal: EdgeJournal): string[] {
  const faults: string[] = [];
  const { oldest, head } = journal.stats();
  let chain = journal.chainAt(oldest - 1) ?? "";
  let seq = oldest - 1;
  for (const row of journal.read(0, 1e6, 1e9)) {
    chain = nextChain(chain, ++seq, row.body);
    const { port } = JSON.parse(row.body) as { port: number };
    if (row.seq !== seq || row.chain !== chain || port !== seq - 1) faults.push(`row ${seq} is not right`);
  }
  if (seq !== head) faults.push(`the last row is ${seq}, the head ${head}`);
  // Presence is that of the last row of each tag: neither older nor newer.
  for (const { epc, state } of journal.presences()) {
    const last = head - 1 - ((((head - 1 - Number(epc)) % 7) + 7) % 7);
    if (Number(state) !== last) faults.push(`presence of ${epc} is that of row ${state}, not ${last}`);
  }
  return faults.slice(0, 10);
}
