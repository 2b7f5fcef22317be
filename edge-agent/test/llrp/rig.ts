import type { LlrpReader } from "@storeward/contracts";
import { type Clock, createLogger, systemClock } from "@storeward/runtime";
import { afterEach } from "vitest";
import type { AntennaRole, ReaderDriver, ReaderEvent, TagRead } from "../../src/readers/driver.js";
import { createLlrpDriver } from "../../src/readers/llrp/index.js";
import { type Behaviour, ScriptedReader } from "./scripted-reader.js";

export const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.stop();
});

export async function reader(behaviour?: Behaviour): Promise<{ fake: ScriptedReader; port: number }> {
  const fake = new ScriptedReader(behaviour);
  const port = await fake.listen();
  open.push({ stop: () => fake.close() });
  return { fake, port };
}

export interface Rig {
  driver: ReaderDriver;
  events: ReaderEvent[];
  reads(): TagRead[];
  coverage(): string[];
}

export function rig(
  port: number,
  roles: Record<number, AntennaRole>,
  clock: Clock = systemClock,
  power = 25,
  changes: Partial<LlrpReader> = {},
): Rig {
  const events: ReaderEvent[] = [];
  const antennas = Object.keys(roles).map((antenna) => ({ antenna: Number(antenna), power }));
  const config: LlrpReader = {
    id: "r1",
    agent: "a1",
    region: "ETSI",
    driver: "llrp",
    host: "127.0.0.1",
    port,
    antennas,
    ...changes,
  };
  const driver = createLlrpDriver({
    reader: config,
    roles: new Map(Object.entries(roles).map(([antenna, role]) => [Number(antenna), role])),
    clock,
    log: createLogger("test", { level: "silent" }),
    onEvent: (event) => events.push(event),
  });
  open.push(driver);
  return {
    driver,
    events,
    reads: () => events.flatMap((event) => (event.type === "reads" ? event.reads : [])),
    coverage: () => events.flatMap((event) => (event.type === "coverage" ? [`${event.state} ${event.antennas}`] : [])),
  };
}

export async function until(condition: () => boolean, what: string, ms = 40_000): Promise<void> {
  const limit = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > limit) throw new Error(`timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
