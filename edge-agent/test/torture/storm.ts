import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { ChaosSchedule } from "@storeward/contracts";
import { ChaosProxy } from "@storeward/reader-simulators";
import { createLogger, systemClock } from "@storeward/runtime";
import type { Broker } from "../brokers.js";
import { CloudClient } from "../cloud-client.js";
import { differences, toldTwice } from "../compare.js";
import type { Compiled } from "../compiled.js";
import { Crowd } from "../crowd.js";
import { ModelCloud } from "../model-cloud.js";
import { AgentProcess, deliverRest, LEDGER, startReader, until, writeConfig } from "../whole-agent.js";

export interface StormOptions {
  readonly compiled: Compiled;
  readonly dir: string;
  readonly broker: Broker;
  /** Between agent and broker, and between agent and reader. */
  readonly toBroker: ChaosSchedule;
  readonly toReader: ChaosSchedule;
  /** When both are over. */
  readonly lengthMs: number;
}

const log = createLogger("test", { level: "silent" });

/** Online and offline by turns, with everything a network does. */
export function weather(seed: number, lengthMs: number, offlineMs: number[], onlineMs: number[]): ChaosSchedule {
  const toxics: NonNullable<ChaosSchedule["weather"]>["toxics"] = [
    { kind: "down" },
    { kind: "black-hole" },
    { kind: "reset" },
    { kind: "black-hole", direction: "to-client" },
    { kind: "latency", ms: 300, jitterMs: 400 },
    { kind: "down" },
    { kind: "black-hole", direction: "to-server" },
    { kind: "bandwidth", bytesPerSecond: 2_000 },
  ];
  const slices = { after: 0, for: lengthMs, toxic: { kind: "slicer" as const, bytes: 300 } };
  return { seed, steps: [slices], weather: { lengthMs, onlineMs, offlineMs, toxics } };
}

/** The whole agent with a bad network on both sides; resolves to what is wrong once the weather is over, and figures. */
export async function weatherStorm({ compiled, dir, broker, toBroker, toReader, lengthMs }: StormOptions) {
  mkdirSync(dir, { recursive: true });
  const reader = await startReader(new Crowd({ tags: 30, stayMs: 1_500 }));
  await broker.start();
  const proxyTo = (port: number) =>
    new ChaosProxy({ listen: 0, to: { host: "127.0.0.1", port }, clock: systemClock, log });
  const brokerProxy = proxyTo(broker.port);
  const readerProxy = proxyTo(reader.port);
  const proxies = [brokerProxy, readerProxy];
  const cloud = new ModelCloud({ ledger: LEDGER, now: () => Date.now() });
  const client = new CloudClient(cloud);
  client.start(broker.port);
  let agent: AgentProcess | undefined;
  try {
    for (const proxy of proxies) await proxy.start();
    const config = writeConfig(join(dir, "agent"), { reader: readerProxy.port, broker: brokerProxy.port });
    agent = new AgentProcess(compiled, config);
    const committed = () => Math.max(0, ...[...cloud.epochs.values()].map((epoch) => epoch.committed));
    // It starts while there is no broker.
    brokerProxy.set([{ kind: "down" }]);
    agent.start();
    await until("the reader is met", () => readerProxy.counters.connections > 0);
    brokerProxy.set([]);
    await until("something is committed", () => committed() > 0);
    brokerProxy.begin(toBroker);
    readerProxy.begin(toReader);
    await wait(lengthMs);
    // Calm again: everything must come, by itself.
    const atCalm = committed();
    await until("rows after the storm", () => committed() > atCalm + 10, 120);
    const wasAlive = agent.isRunning;
    const code = await agent.end("SIGTERM");
    const books = await deliverRest(config, cloud, broker.port);
    const [epoch, ...others] = [...cloud.epochs.values()];
    if (epoch === undefined) throw new Error("nothing came to the cloud");
    return {
      wrong: [
        ...(wasAlive && code === 0 ? [] : [`the agent ended with ${code}`]),
        ...others.map(() => "there is another epoch"),
        ...differences(epoch, books),
        ...toldTwice(books.rows.values()),
        ...cloud.violations,
        ...client.violations,
      ],
      rows: books.head,
      blind: [...books.rows.values()].filter((body) => body.includes('"state":"blind"')).length,
      proxies: { broker: brokerProxy.counters, reader: readerProxy.counters },
    };
  } finally {
    await agent?.end("SIGKILL");
    for (const proxy of proxies) await proxy.stop();
    await client.stop();
    await broker.kill();
    await reader.stop();
  }
}
