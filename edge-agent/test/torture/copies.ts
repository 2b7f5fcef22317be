import { cpSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { AedesBroker } from "../brokers.js";
import { CloudClient } from "../cloud-client.js";
import type { Compiled } from "../compiled.js";
import { ModelCloud } from "../model-cloud.js";
import { AgentProcess, deliverRest, LEDGER, startReader, until, writeConfig } from "../whole-agent.js";

/** An agent whose card is put back to an older copy of itself: both lives must be in the cloud once. Resolves to what is not so. */
export async function restoreImage({ compiled, dir }: { readonly compiled: Compiled; readonly dir: string }) {
  mkdirSync(dir, { recursive: true });
  const reader = await startReader();
  const broker = new AedesBroker();
  await broker.start();
  const cloud = new ModelCloud({ ledger: LEDGER, now: () => Date.now() });
  const client = new CloudClient(cloud);
  client.start(broker.port);
  const config = writeConfig(join(dir, "agent"), { reader: reader.port, broker: broker.port });
  const data = join(dir, "agent", "data");
  const agent = new AgentProcess(compiled, config);
  const committed = () => [...cloud.epochs.values()].reduce((sum, epoch) => sum + epoch.committed, 0);
  const live = async (rows: number) => {
    const before = committed();
    agent.start();
    await until(`${rows} more rows`, () => committed() >= before + rows);
    await agent.end("SIGTERM");
  };
  try {
    await live(5);
    cpSync(data, join(dir, "image"), { recursive: true });
    await live(5);
    const { rows: firstLife } = await deliverRest(config, cloud);
    renameSync(data, join(dir, "first-life"));
    renameSync(join(dir, "image"), data);
    agent.start();
    const told = () => new Set(client.telemetry.flatMap(({ problems = [] }) => problems.map(({ code }) => code)));
    await until("it says that it was restored from a copy", () => told().size > 0);
    await agent.end("SIGTERM");
    const { rows: secondLife } = await deliverRest(config, cloud);
    const given = new Set([...firstLife.values(), ...secondLife.values()].map(withoutOrigin));
    const there = [...cloud.epochs.values()].flatMap(({ rows }) => [...rows.values()].map(withoutOrigin));
    const wrong = [
      ...[...given].filter((row) => !there.includes(row)).map((row) => `not in the cloud: ${row}`),
      ...there.filter((row, i) => there.indexOf(row) !== i).map((row) => `in the cloud twice: ${row}`),
      ...there.filter((row) => !given.has(row)).map((row) => `never given out: ${row}`),
    ];
    return { wrong: [...wrong, ...cloud.violations, ...client.violations], told: [...told()] };
  } finally {
    await agent.end("SIGKILL");
    await client.stop();
    await broker.kill();
    await reader.stop();
  }
}

/** The row as it was first journaled: a copy in a new epoch says where it stood. */
function withoutOrigin(body: string): string {
  const { origin: _, ...row } = JSON.parse(body) as Record<string, unknown>;
  return JSON.stringify(row);
}
