import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Observation } from "@storeward/contracts";
import { WrongClock } from "@storeward/reader-simulators";
import { systemClock } from "@storeward/runtime";
import { AedesBroker } from "../brokers.js";
import { CloudClient } from "../cloud-client.js";
import { differences } from "../compare.js";
import type { Compiled } from "../compiled.js";
import { ModelCloud } from "../model-cloud.js";
import { AgentProcess, deliverRest, LEDGER, startReader, until, writeConfig } from "../whole-agent.js";

const HOUR = 3_600_000;
/** What a `clock` row may be off by, beside what it says itself. */
const SLACK_MS = 250;

/** An agent that starts plausibly wrong, before it has met a cloud, and whose clock steps; resolves to what is wrong at the end. */
export async function stepClock({ compiled, dir }: { readonly compiled: Compiled; readonly dir: string }) {
  mkdirSync(dir, { recursive: true });
  const wrongClock = new WrongClock(dir, "whole.js", -3 * HOUR);
  const reader = await startReader();
  const broker = new AedesBroker();
  await broker.start();
  await broker.kill();
  const cloud = new ModelCloud({ ledger: LEDGER, now: () => Date.now() });
  const client = new CloudClient(cloud);
  const config = writeConfig(join(dir, "agent"), { reader: reader.port, broker: broker.port });
  const agent = new AgentProcess(compiled, config);
  const rows = () => [...cloud.epochs.values()].flatMap(({ rows: all }) => [...all.values()].map(read));
  const clocks = () => rows().filter((row) => row.type === "clock");
  try {
    agent.start(wrongClock.env);
    await wait(1_000);
    await broker.start();
    client.start(broker.port);
    await until("it has learnt what the time is", () => clocks().length > 0);
    for (const hours of [2, -1]) {
      wrongClock.set(hours * HOUR);
      // It looks at its wall clock every few seconds; what it wrote before may still be on its way.
      await until("it has told of the time since its clock stepped", () =>
        clocks().some((row) => hoursOff(row) === hours),
      );
    }
    const code = await agent.end("SIGTERM");
    const books = await deliverRest(config, cloud);
    const [epoch] = [...cloud.epochs.values()];
    if (epoch === undefined) throw new Error("nothing came to the cloud");
    return {
      wrong: [
        ...(code === 0 ? [] : [`the agent ended with ${code}`]),
        ...differences(epoch, books),
        ...clockFaults([...epoch.rows.values()].map(read)),
        ...cloud.violations,
        ...client.violations,
      ],
      walls: new Set([...epoch.rows.values()].map((body) => hoursOff(read(body)))),
    };
  } finally {
    await agent.end("SIGKILL");
    await client.stop();
    await broker.kill();
    await reader.stop();
  }
}

const read = (body: string) => JSON.parse(body) as Observation;

/** UTC of a moment of this machine's monotonic clock, which all its processes share. */
const utcOf = (mono: number) => Date.now() - systemClock.mono() + mono;
const hoursOff = ({ at }: Observation) => Math.round((Date.parse(at.wall) - utcOf(at.mono)) / HOUR);

/** `clock` rows that tell another time than it was, and rows that do not stand in the order in which they were observed. */
function clockFaults(rows: readonly Observation[]): string[] {
  const faults: string[] = [];
  const last = new Map<string, number>();
  for (const row of rows) {
    const { boot, mono } = row.at;
    if (mono < (last.get(boot) ?? mono)) faults.push(`a row of ${mono} stands after one of ${last.get(boot)}`);
    last.set(boot, mono);
    if (row.type !== "clock") continue;
    const off = Date.parse(row.utc) - utcOf(mono);
    if (Math.abs(off) > row.plusMinusMs + SLACK_MS)
      faults.push(`a clock row is ${Math.round(off)} ms off, ± ${row.plusMinusMs}`);
  }
  return faults;
}
