import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hash } from "@node-rs/argon2";
import { CloudConfig, type Site } from "@storeward/contracts";
import { loadConfig } from "@storeward/runtime";
import type { CloudSettings } from "../src/config.js";

export const site: Site = {
  site: { id: "ward", name: "Ward", timeZone: "Europe/Berlin", locale: "en", dayStarts: "00:00" },
  places: [
    { id: "ward", name: "Ward", type: "site" },
    { id: "store", name: "Store", type: "room", parent: "ward" },
    { id: "shelf", name: "Shelf", type: "shelf", parent: "store" },
  ],
  readPoints: [{ id: "shelf-1", role: "shelf", place: "shelf", antennas: [{ reader: "r1", antenna: 1 }] }],
  readers: [
    {
      id: "r1",
      agent: "edge-1",
      region: "ETSI",
      driver: "llrp",
      host: "127.0.0.1",
      antennas: [{ antenna: 1, power: 30 }],
    },
  ],
  agents: [{ id: "edge-1", name: "Edge" }],
};

export const ADMIN_PASSWORD = "the administrator's";
export const BROKER_PASSWORD = "secret";

/** A service of one agent, `edge-1`, on free ports, that keeps everything in `folder`. */
export async function testSettings(folder: string, ledger: string): Promise<CloudSettings> {
  const accounts = await Promise.all(
    [
      ["cloud", "cloud"],
      ["edge-1", "agent"],
    ].map(async ([username, role]) => ({
      username,
      role,
      passwordHash: await hash(BROKER_PASSWORD, { memoryCost: 1024, timeCost: 1 }),
    })),
  );
  writeFileSync(join(folder, "accounts.json"), JSON.stringify({ accounts }));
  writeFileSync(join(folder, "cloud.yaml"), `data: ${join(folder, "data")}\nledger: "${ledger}"\nsite: site.yaml\n`);
  const config = loadConfig(CloudConfig, join(folder, "cloud.yaml"), { env: {} });
  return {
    config: {
      ...config,
      http: { ...config.http, port: 0 },
      broker: { ...config.broker, port: 0, accounts: join(folder, "accounts.json") },
    },
    site,
    databaseUrl: undefined,
    brokerPassword: BROKER_PASSWORD,
    adminPassword: ADMIN_PASSWORD,
    configKey: undefined,
    mail: undefined,
    timeSeries: [{ target: { kind: "database" } }],
    warnings: [],
  };
}

const strength = { rounds: 10, reads: 9, antennas: [{ antenna: 1, reads: 9, rssiMax: -42, rssiMean: -47 }] };
export const EPC = "3034257BF400B71400000001";

/** One more sighting of the same tag. */
export const seen = () => ({
  type: "seen",
  tag: { epc: EPC },
  readPoint: "shelf-1",
  from: 0,
  to: performance.now(),
  strength,
});
