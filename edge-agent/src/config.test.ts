import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadAgentConfig } from "./config.js";

const dir = mkdtempSync(join(tmpdir(), "storeward-edge-config-"));
afterAll(() => rmSync(dir, { recursive: true }));
writeFileSync(join(dir, "password"), "secret\n", { mode: 0o600 });
const file = join(dir, "agent.yaml");

const GOOD = `version: 4
agent: ward-1
data: ./journal
cloud:
  url: mqtts://cloud.example.org:8883
  username: ward-1
  passwordFile: password
  ledger: 0123456789abcdef0123456789abcdef
readers:
  - id: door
    agent: ward-1
    region: ETSI
    driver: llrp
    host: 10.0.0.4
    antennas: [{ antenna: 1, power: 20 }, { antenna: 2, power: 20 }]
readPoints:
  - id: ward-door
    role: portal
    inside: ward
    outside: corridor
    antennas:
      inside: [{ reader: door, antenna: 1 }]
      outside: [{ reader: door, antenna: 2 }]
`;

const load = (text: string, env: NodeJS.ProcessEnv = {}) => {
  writeFileSync(file, text);
  return loadAgentConfig(file, env);
};

describe("agent.yaml", () => {
  it("is read with absolute paths, defaults and the password", () => {
    const { config, password, warnings, hash } = load(GOOD);
    expect(config).toMatchObject({ agent: "ward-1", data: join(dir, "journal"), journal: { maxBytes: 1024 ** 3 } });
    expect(config.cloud.passwordFile).toBe(join(dir, "password"));
    expect([password, warnings]).toEqual(["secret", []]);
    expect(load(GOOD.replace("power: 20", "power: 21")).hash).not.toBe(hash);
  });

  it("takes scalar keys from the environment", () => {
    const { config } = load(GOOD, { STOREWARD_EDGE_DATA: "/var/lib/x", STOREWARD_EDGE_CLOUD_USERNAME: "other" });
    expect([config.data, config.cloud.username]).toEqual(["/var/lib/x", "other"]);
  });

  it.each([
    [
      "an antenna no reader has",
      "reader: door, antenna: 2",
      "reader: door, antenna: 3",
      "23:42 readPoints[0].antennas.outside[0].antenna: door has no antenna 3",
    ],
    [
      "a reader that is not there",
      "reader: door, antenna: 2",
      "reader: dor, antenna: 2",
      "23:27 readPoints[0].antennas.outside[0].reader: dor is no reader of this agent",
    ],
    [
      "an antenna used twice",
      "reader: door, antenna: 2",
      "reader: door, antenna: 1",
      "readPoints[0].antennas.outside[0]: antenna 1 of door is already used by read point ward-door",
    ],
    [
      "a reader of another agent",
      "    agent: ward-1",
      "    agent: ward-2",
      "11:12 readers[0].agent: door belongs to ward-2, this agent is ward-1",
    ],
    [
      "an antenna described twice",
      "{ antenna: 2, power",
      "{ antenna: 1, power",
      "readers[0].antennas[1].antenna: door has antenna 1 twice",
    ],
    [
      "a password file that is not there",
      "passwordFile: password",
      "passwordFile: nowhere",
      "7:17 cloud.passwordFile: SECRET_UNREADABLE",
    ],
    ["plain MQTT beyond this device", "mqtts://", "mqtt://", "5:8 cloud.url: INSECURE_CONNECT"],
    ["no host", "mqtts://cloud.example.org:8883", "mqtts://:8883", "5:8 cloud.url:"],
    [
      "a status page for the network in the clear",
      "readers:",
      "status: { address: 0.0.0.0 }\nreaders:",
      "9:20 status.address: INSECURE_LISTEN",
    ],
    ["a key that is none", "  ledger:", "  configKey: abc\n  ledger:", "8:14 cloud.configKey"],
    ["an unknown key", "version: 4", "version: 4\nvresion: 5", "2:1 unknown key vresion; did you mean version?"],
  ])("names key and line of %s", (_, before, after, said) => {
    expect(() => load(GOOD.replace(before, after))).toThrow(said);
  });

  it("reports every problem at once", () => {
    const text = GOOD.replace("antenna: 2 }]", "antenna: 9 }]").replace(
      "passwordFile: password",
      "passwordFile: nowhere",
    );
    expect(() => load(text)).toThrow("has 2 problems");
  });

  it("warns of what is allowed but not well", () => {
    writeFileSync(join(dir, "open"), "secret", { mode: 0o644 });
    const text = GOOD.replace("mqtts://", "mqtt://")
      .replace("passwordFile: password", "passwordFile: open\n  insecure: true")
      .replace(/readPoints:[\s\S]*/, "readPoints: []\nstatus: { address: 0.0.0.0, insecure: true }\n");
    expect(load(text).warnings).toEqual([
      expect.stringContaining("connects to cloud.example.org without TLS"),
      expect.stringContaining("The status page listens on 0.0.0.0 without TLS"),
      `Others on this device can read ${join(dir, "open")}: chmod 600 it`,
      "Reader door is used by no read point and stays off",
    ]);
  });
});
