import { type ChildProcess, spawn } from "node:child_process";
import { type Clock, defineErrors, delays, type Part, type RetrySchedule, type Timer } from "@storeward/runtime";
import { commandScript } from "./commands.js";
import { PartLog } from "./part-log.js";

const E = defineErrors({
  BOX_PART_ENDED: { template: "{part} did not start:\n{reason}\nIts whole log is {log}" },
  BOX_PART_SLOW: { template: "{part} was not ready after {seconds} s: see {log}", retryable: true },
});

/** As a service manager would: soon again, then more slowly while it keeps falling over. */
const RESTART: RetrySchedule = { firstMs: 500, factor: 2, maxMs: 15_000, jitter: 0.1 };
/** Up for so long, the next fall counts as the first. */
const STEADY_MS = 30_000;
const STOP_LIMIT_MS = 15_000;

export interface SupervisedOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly log: string;
  readonly clock: Clock;
  /** Asked every 100 ms until it answers true. */
  readonly ready: () => Promise<boolean>;
  readonly readyLimitMs?: number;
  /** Told when the child fell over. */
  readonly onNotice: (text: string) => void;
  /** Told whenever a new process runs. */
  readonly onSpawn: () => void;
}

/** One command kept running: started, waited for, restarted when it falls over, stopped with its own time to end well. */
export class Supervised implements Part {
  readonly name: string;
  readonly #options: SupervisedOptions;
  readonly #log: PartLog;
  readonly #delays = delays(RESTART);
  #child: ChildProcess | undefined;
  #restart: Timer | undefined;
  #stopping = false;
  #startedAt = 0;

  constructor(options: SupervisedOptions) {
    this.name = options.name;
    this.#options = options;
    this.#log = new PartLog(options.log);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    const { clock, ready, readyLimitMs = 60_000 } = this.#options;
    const child = this.#spawn();
    const begun = clock.mono();
    while (!(await ready().catch(() => false))) {
      if (child.exitCode !== null || child.signalCode !== null) {
        this.#stopping = true;
        throw E.BOX_PART_ENDED({ part: this.name, reason: this.#log.reason(), log: this.#log.file });
      }
      if (clock.mono() - begun > readyLimitMs) {
        await this.stop();
        throw E.BOX_PART_SLOW({ part: this.name, seconds: readyLimitMs / 1000, log: this.#log.file });
      }
      await clock.sleep(100);
    }
    child.on("exit", (code, signal) => this.#fell(code, signal));
    if (child.exitCode !== null || child.signalCode !== null) this.#fell(child.exitCode, child.signalCode);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#restart?.stop();
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGTERM");
    const limit = this.#options.clock.after(STOP_LIMIT_MS, () => child.kill("SIGKILL"));
    await ended;
    limit.stop();
  }

  #spawn(): ChildProcess {
    const { command, args, env, clock } = this.#options;
    const child = spawn(process.execPath, [commandScript(command), ...args], {
      // A group of its own: Ctrl-C in the terminal reaches only the box, which stops its parts in order.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, STOREWARD_LOG: "text", ...env, STOREWARD_PARENT_PID: String(process.pid) },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => this.#log.write(text));
    }
    this.#startedAt = clock.mono();
    this.#child = child;
    this.#options.onSpawn();
    return child;
  }

  #fell(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#stopping) return;
    const { clock, onNotice } = this.#options;
    if (clock.mono() - this.#startedAt > STEADY_MS) this.#delays.reset();
    const wait = this.#delays();
    onNotice(
      `${this.name} ended (${signal ?? `exit code ${code}`}); starting it again in ${(wait / 1000).toFixed(1)} s, log ${this.#log.file}`,
    );
    this.#restart = clock.after(wait, () => {
      this.#spawn().on("exit", (nextCode, nextSignal) => this.#fell(nextCode, nextSignal));
    });
  }
}

/** Runs a command to its end and returns what it printed. Errors: BOX_PART_ENDED when it exits other than 0. */
export async function runCommand(command: string, args: readonly string[], logFile: string): Promise<string> {
  const log = new PartLog(logFile);
  const child = spawn(process.execPath, [commandScript(command), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, STOREWARD_LOG: "text" },
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      log.write(text);
      printed = (printed + text).slice(-64 * 1024);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw E.BOX_PART_ENDED({ part: `${command} ${args[0]}`, reason: log.reason(), log: log.file });
  return printed;
}
