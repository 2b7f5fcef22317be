import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { AGENT_CRASH_POINTS } from "@storeward/runtime";
import { AedesBroker } from "../brokers.js";
import { CloudClient } from "../cloud-client.js";
import { differences, toldTwice } from "../compare.js";
import type { Compiled } from "../compiled.js";
import { Crowd } from "../crowd.js";
import { ModelCloud } from "../model-cloud.js";
import { AgentProcess, deliverRest, LEDGER, startReader, until, writeConfig } from "../whole-agent.js";

export interface KillsOptions {
  readonly compiled: Compiled;
  readonly dir: string;
  /** SIGKILLs at random moments. */
  readonly kills: number;
  /** Then one at each of these. */
  readonly points: typeof AGENT_CRASH_POINTS;
  /** An agent gives at least so many rows away before it is killed… */
  readonly leastRows: number;
  /** …and then at a random moment within so many ms. */
  readonly lifeMs: number;
}

/** The cloud lets go of what is so far back, so that the agent deletes all the time. */
const KEPT_ROWS = 60;

/** An agent under load that is killed again and again; resolves to what is wrong at the end, and figures. */
export async function killAgents({ compiled, dir, kills, points, leastRows, lifeMs }: KillsOptions) {
  mkdirSync(dir, { recursive: true });
  const reader = await startReader(new Crowd({ tags: 60, stayMs: 1_500 }));
  const broker = new AedesBroker();
  await broker.start();
  const releasable = (committed: number) => Math.max(0, committed - KEPT_ROWS);
  const cloud = new ModelCloud({ ledger: LEDGER, now: () => Date.now(), releasable });
  const client = new CloudClient(cloud);
  client.start(broker.port);
  const config = writeConfig(join(dir, "agent"), { reader: reader.port, broker: broker.port });
  const agent = new AgentProcess(compiled, config);
  const committed = () => Math.max(0, ...[...cloud.epochs.values()].map((epoch) => epoch.committed));
  const moreThan = (rows: number) => until(`more than ${rows} rows`, () => committed() > rows);
  try {
    for (let kill = 0; kill < kills; kill++) {
      const before = committed();
      agent.start();
      await moreThan(before + leastRows);
      await wait(Math.random() * lifeMs);
      await agent.end("SIGKILL");
    }
    for (const label of points) {
      agent.start({ STOREWARD_CRASH_AT: `${label}:${1 + Math.floor(Math.random() * 4)}` });
      await until(`it dies ${label}`, () => !agent.isRunning);
      if (agent.endedBy !== "SIGKILL") throw new Error(`it ended by itself, not ${label}`);
    }
    agent.start();
    await moreThan(committed());
    const code = await agent.end("SIGTERM");
    const books = await deliverRest(config, cloud);
    const [epoch, ...others] = [...cloud.epochs.values()];
    if (epoch === undefined) throw new Error("nothing came to the cloud");
    const bodies = Array.from({ length: books.head }, (_, i) => epoch.rows.get(i + 1) ?? "{}");
    return {
      wrong: [
        ...(code === 0 ? [] : [`the agent ended with ${code}`]),
        ...others.map(() => "there is another epoch"),
        ...differences(epoch, books),
        ...toldTwice(bodies),
        ...cloud.violations,
        ...client.violations,
      ],
      rows: books.head,
      trimmed: books.head - books.rows.size,
      kills: kills + points.length,
    };
  } finally {
    await agent.end("SIGKILL");
    await client.stop();
    await broker.kill();
    await reader.stop();
  }
}
