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
    host: 127.0.0.1
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

  it("finds the password of a reader beside the file, and names one that is not there", () => {
    const alien = GOOD.replace(
      "driver: llrp\n    host: 127.0.0.1",
      "driver: alien\n    device: tcp://127.0.0.1:23\n    passwordFile: password",
    );
    expect(load(alien).config.readers[0]).toMatchObject({ passwordFile: join(dir, "password") });
    expect(() => load(alien.replace("23\n    passwordFile: password", "23\n    passwordFile: none"))).toThrow(
      "readers[0].passwordFile: SECRET_UNREADABLE",
    );
  });

  it("has the files of a reader's link as absolute paths", () => {
    writeFileSync(join(dir, "readers-ca.pem"), "x");
    const { config } = load(
      GOOD.replace("host: 127.0.0.1", "host: 127.0.0.1\n    tls: true\n    caFile: readers-ca.pem"),
    );
    expect(config.readers[0]).toMatchObject({ caFile: join(dir, "readers-ca.pem") });
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
      "an LLRP reader that is nowhere",
      "    host: 127.0.0.1\n",
      "",
      "readers[0]: an LLRP reader has a host, or calls in by listen",
    ],
    [
      "a reader's certificate that is not there",
      "host: 127.0.0.1",
      "host: 127.0.0.1\n    tls: true\n    caFile: missing-ca.pem",
      "readers[0].caFile: ",
    ],
    [
      "a caller that cannot be told",
      "host: 127.0.0.1",
      "listen: { port: 5084 }",
      "readers[0].listen: who calls is told by host (the address it calls from) or identity",
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
    [
      "a plain reader beyond this device",
      "host: 127.0.0.1",
      "host: 10.0.0.4",
      "14:11 readers[0].host: INSECURE_CONNECT",
    ],
    ["plain MQTT beyond this device", "mqtts://", "mqtt://", "5:8 cloud.url: INSECURE_CONNECT"],
    ["no host", "mqtts://cloud.example.org:8883", "mqtts://:8883", "5:8 cloud.url:"],
    [
      "a pattern of EPCs that cannot be",
      "agent: ward-1\ndata",
      'agent: ward-1\nepcFilter:\n  include:\n    - { scheme: giai }\n    - "urn:epc:pat:sgtin-96:3.0614141.12.*"\ndata',
      '6:7 epcFilter.include[1]: gtin: "0614141.12" are not a prefix and a reference of 13 digits',
    ],
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

  describe("with readers that have an IoT interface", () => {
    const IMPINJ = GOOD.replace(
      "driver: llrp\n    host: 127.0.0.1",
      "driver: impinj-iot\n    url: https://10.0.0.4\n    username: root\n    passwordFile: password\n    caFile: password",
    );
    const ZEBRA = GOOD.replace(
      "driver: llrp\n    host: 127.0.0.1",
      "driver: zebra-iot\n    url: mqtts://broker.example.org\n    serial: FX9600F0F4B5",
    );

    it("finds their files beside the configuration", () => {
      const [reader] = load(IMPINJ).config.readers;
      expect(reader).toMatchObject({ passwordFile: join(dir, "password"), caFile: join(dir, "password") });
      expect(load(ZEBRA).config.readers[0]).toMatchObject({ serial: "FX9600F0F4B5" });
    });

    it("warns of a reader's password that others can read", () => {
      writeFileSync(join(dir, "open"), "secret", { mode: 0o644 });
      const text = IMPINJ.replace("username: root\n    passwordFile: password", "passwordFile: open");
      expect(load(text).warnings).toEqual([`Others on this device can read ${join(dir, "open")}: chmod 600 it`]);
    });

    it.each([
      ["plain HTTP", IMPINJ, "https://10", "http://10", "14:10 readers[0].url: INSECURE_CONNECT"],
      ["plain MQTT", ZEBRA, "mqtts://broker", "mqtt://broker", "14:10 readers[0].url: INSECURE_CONNECT"],
      ["a url without a host", IMPINJ, "https://10.0.0.4", "https://:80", "14:10 readers[0].url:"],
      [
        "a missing password",
        IMPINJ,
        "root\n    passwordFile: password",
        "root\n    passwordFile: no",
        "16:19 readers[0].passwordFile: SECRET",
      ],
      ["a missing certificate", IMPINJ, "caFile: password", "caFile: nowhere", "17:13 readers[0].caFile: SECRET"],
      [
        "a user name alone",
        IMPINJ,
        "    passwordFile: password\n    caFile",
        "    caFile",
        "readers[0].username: door has a user name",
      ],
      ["a topic with a wildcard", ZEBRA, "serial: FX", "tenant: a+b\n    serial: FX", "readers[0].tenant"],
    ])("names key and line of %s", (_, text, before, after, said) => {
      expect(() => load(text.replace(before, after))).toThrow(said);
    });
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
