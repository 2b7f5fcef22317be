import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type AntennaPort, LlrpReader } from "@storeward/reader-simulators";
import { createLogger, systemClock } from "@storeward/runtime";
import { loadAgentConfig } from "../src/config.js";
import { openJournal } from "../src/journal/sqlite-journal.js";
import { Uplink } from "../src/uplink/uplink.js";
import type { Compiled } from "./compiled.js";
import { Crowd } from "./crowd.js";
import type { ModelCloud } from "./model-cloud.js";

export const LEDGER = "5".repeat(32);
const log = createLogger("test", { level: "silent" });

export async function until(what: string, holds: () => boolean, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1_000; !holds(); await wait(20))
    if (Date.now() > end) throw new Error(`it never came to this: ${what}`);
}

/** The agent's own process, started and ended any number of times. */
export class AgentProcess {
  readonly #compiled: Compiled;
  readonly #config: string;
  #child: ChildProcess | undefined;

  constructor(compiled: Compiled, config: string) {
    this.#compiled = compiled;
    this.#config = config;
  }

  start(env: NodeJS.ProcessEnv = {}): void {
    this.#child = spawn(process.execPath, [join(this.#compiled.agent, "src", "whole.js"), "--config", this.#config], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, STOREWARD_LOG_LEVEL: "fatal", ...env },
    });
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Which signal ended it; null: it ended by itself. */
  get endedBy(): NodeJS.Signals | null {
    return this.#child?.signalCode ?? null;
  }

  /** Resolves to the exit code; null where the signal ended it. Does nothing to one that has ended. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return child?.exitCode ?? null;
    const exited = once(child, "exit");
    child.kill(signal);
    const [code] = (await exited) as [number | null];
    return code;
  }
}

/** A simulated reader over real TCP, whose time goes by the machine's. */
export async function startReader(port: AntennaPort = new Crowd()): Promise<{ port: number; stop(): Promise<void> }> {
  const time = { now: () => systemClock.mono(), utc: () => BigInt(Date.now()) * 1_000n };
  const identity = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]);
  const reader = new LlrpReader({ id: "r1", port, time, clock: systemClock, log, identity, firmware: "1", tcpPort: 0 });
  await reader.start();
  const ticks = systemClock.every(25, () => reader.tick(time.now()));
  const { port: listening } = reader.address;
  if (listening === undefined) throw new Error("the reader does not listen");
  return {
    port: listening,
    stop: async () => {
      ticks.stop();
      await reader.stop();
    },
  };
}

/** `agent.yaml` of one reader with two boards, in a folder of its own; returns its path. */
export function writeConfig(dir: string, ports: { reader: number; broker: number }): string {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "password"), "secret\n", { mode: 0o600 });
  const antennas = [1, 2].map((antenna) => ({ antenna, power: 25 }));
  const shelf = (antenna: number) => ({
    id: `shelf-${antenna}`,
    role: "shelf",
    place: `board-${antenna}`,
    antennas: [{ reader: "r1", antenna }],
  });
  const config = {
    version: 3,
    agent: "agent-1",
    data: "data",
    cloud: { url: `mqtt://127.0.0.1:${ports.broker}`, username: "agent-1", passwordFile: "password", ledger: LEDGER },
    readers: [
      { id: "r1", agent: "agent-1", region: "ETSI", driver: "llrp", host: "127.0.0.1", port: ports.reader, antennas },
    ],
    readPoints: [shelf(1), shelf(2)],
    status: { port: 0 },
  };
  const file = join(dir, "agent.yaml");
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/** What a journal holds at last: its rows still kept, and where its chain ends. */
export interface Books {
  readonly epoch: string;
  readonly head: number;
  readonly headChain: string;
  readonly rows: Map<number, string>;
}

/** Hands over what the last process wrote while it was stopping, without observing anything more. */
export async function deliverRest(file: string, cloud: ModelCloud, broker?: number): Promise<Books> {
  const { config, password, ca } = loadAgentConfig(file);
  const options = { file: join(config.data, "journal.db"), maxBytes: 1e9, config: config.version };
  const journal = openJournal({ ...options, clock: systemClock, log });
  const nothing = { through: () => systemClock.mono(), coverage: () => [], onClock: () => undefined };
  const url = broker === undefined ? config.cloud.url : `mqtt://127.0.0.1:${broker}`;
  const who = {
    config: { ...config, cloud: { ...config.cloud, url } },
    password,
    ca,
    hardware: "test",
    software: "test",
  };
  const uplink = new Uplink({ ...who, ...nothing, journal, clock: systemClock, log });
  await uplink.start();
  try {
    const { head } = journal.stats();
    await until("the rest is delivered", () => cloud.epoch(journal.epoch).committed === head);
    const rows = new Map(journal.read(0, 1e6, 1e9).map(({ seq, body }) => [seq, body]));
    return { epoch: journal.epoch, head, headChain: journal.chainAt(head) ?? "", rows };
  } finally {
    await uplink.stop();
    journal.close();
  }
}
