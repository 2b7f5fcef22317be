import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { GatewayList } from "@storeward/contracts";
import { createLogger, systemClock } from "@storeward/runtime";
import { ChaosProxy } from "../../src/faults/chaos-proxy.js";
import { ApiClient } from "../box/api-client.js";
import { cloudCommand } from "../box/books.js";
import { BoxProcess } from "../box/box-process.js";
import { type Counts, differences, givenOut, type Recorded, recorded } from "./lives.js";

export const AGENTS = ["edge-stores", "edge-theatre"] as const;
export type AgentName = (typeof AGENTS)[number];

const log = createLogger("test", { level: "silent" });
const COMPARE_MS = 90_000;

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A whole box with a real cloud, whose agents reach the broker through a proxy. */
export class TorturedBox {
  readonly box: BoxProcess;
  readonly proxy: ChaosProxy;
  readonly client: ApiClient;
  #backups = 0;

  private constructor(box: BoxProcess) {
    this.box = box;
    this.client = new ApiClient(box.url);
    const port = Number(box.env.STOREWARD_MQTT_PORT);
    this.proxy = new ChaosProxy({ listen: 0, to: { host: "127.0.0.1", port }, clock: systemClock, log });
  }

  static async create(): Promise<TorturedBox> {
    const one = new TorturedBox(await BoxProcess.create());
    await one.proxy.start();
    one.box.env.STOREWARD_EDGE_CLOUD_URL = `mqtt://127.0.0.1:${one.proxy.port}`;
    return one;
  }

  async start(args: readonly string[] = []): Promise<void> {
    await this.box.start(args);
    await this.client.signIn("admin", "of-the-test");
  }

  async remove(): Promise<void> {
    await this.proxy.stop();
    await this.box.remove();
  }

  dataOf(agent: AgentName): string {
    return join(this.box.data, "agents", agent);
  }

  /** What an agent's journal holds. The box must be stopped. */
  givenOut(agent: AgentName): Counts {
    const file = join(this.dataOf(agent), "journal.db");
    if (!existsSync(file)) throw new Error(`no journal ${file}`);
    return givenOut(agent, [file]);
  }

  backup(name: string): Promise<void> {
    return cloudCommand(this.box, "backup", join(this.box.data, name));
  }

  restore(name: string): Promise<void> {
    return cloudCommand(this.box, "restore", join(this.box.data, name), "--force");
  }

  /** What the running cloud holds. */
  async recorded(): Promise<Recorded[]> {
    const name = `look-${this.#backups++}.gz`;
    await this.backup(name);
    const rows = recorded(join(this.box.data, name));
    await rm(join(this.box.data, name));
    return rows;
  }

  /** Lets what was given out reach the cloud; resolves to what is then still different, and to the cloud's rows. */
  async settled(given: Counts): Promise<{ wrong: string[]; rows: Recorded[] }> {
    for (const end = Date.now() + COMPARE_MS; ; await pause(1_000)) {
      const rows = await this.recorded();
      const wrong = differences(given, rows);
      if (wrong.length === 0 || Date.now() > end) return { wrong: wrong.slice(0, 20), rows };
    }
  }

  async healthy(): Promise<void> {
    for (const end = Date.now() + 60_000; ; await pause(250)) {
      const status = await fetch(`${this.box.url}/api/v1/health`).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 200) return;
      if (Date.now() > end) throw new Error("the cloud never came back");
    }
  }

  /** Waits until the cloud says so of the agent; resolves to all it says. */
  async trouble(agent: AgentName, words: RegExp): Promise<string[]> {
    for (const end = Date.now() + 60_000; ; await pause(500)) {
      const { gateways } = await this.client.get<GatewayList>("/gateways");
      const told = gateways.find((gateway) => gateway.agent === agent)?.trouble ?? [];
      if (told.some((text) => words.test(text))) return told;
      if (Date.now() > end) throw new Error(`nothing is said of ${agent} but: ${told.join("; ")}`);
    }
  }

  /** The reader's line is dead for so long. */
  async outage(reader: string, seconds: number): Promise<void> {
    const { simulation } = this.box.note();
    await fetch(`${simulation}/readers/${reader}/outage`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ seconds }),
    });
  }
}
