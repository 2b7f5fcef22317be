import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash } from "@node-rs/argon2";
import { createLogger } from "@storeward/runtime";
import { afterAll, describe } from "vitest";
import type { Broker } from "../../edge-agent/test/brokers.js";
import { hasMosquitto, Mosquitto } from "../../edge-agent/test/mosquitto.js";
import { Accounts, EmbeddedBroker } from "../src/broker/index.js";
import { brokerContract } from "./broker.contract.js";

const log = createLogger("test", { level: "silent" });
const folder = mkdtempSync(join(tmpdir(), "storeward-brokers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The service's own. */
class Embedded implements Broker {
  port = 0;
  readonly #file: string;
  #broker: EmbeddedBroker | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  async start(): Promise<void> {
    this.#broker = new EmbeddedBroker({ host: "127.0.0.1", port: this.port, accounts: new Accounts(this.#file), log });
    await this.#broker.start();
    this.port = this.#broker.port;
  }

  async kill(): Promise<void> {
    await this.#broker?.stop();
    this.#broker = undefined;
  }
}

describe("over the embedded broker", { timeout: 60_000 }, () =>
  brokerContract(async (password) => {
    const passwordHash = await hash(password, { memoryCost: 1024, timeCost: 1 });
    const accounts = ["cloud", "edge-1", "edge-2"].map((username) => ({
      username,
      role: username === "cloud" ? "cloud" : "agent",
      passwordHash,
    }));
    const file = join(folder, "accounts.json");
    writeFileSync(file, JSON.stringify({ accounts }));
    return new Embedded(file);
  }),
);

describe.skipIf(!hasMosquitto)("over Mosquitto (skipped where it is not installed)", { timeout: 60_000 }, () =>
  brokerContract(async () => new Mosquitto(join(folder, "mosquitto"))),
);
