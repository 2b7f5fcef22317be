import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { verify } from "@node-rs/argon2";
import { AgentConfig, BrokerAccounts, CloudConfig, Site } from "@storeward/contracts";
import { loadConfig, lockDataFolder, publicHalf, readSecret, signingKey } from "@storeward/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { folder, run, SITE } from "../testing.js";

let dir: ReturnType<typeof folder>;
let site: string;
let out: string;
beforeEach(() => {
  dir = folder();
  site = join(dir.path, "site.yaml");
  out = join(dir.path, "out");
  writeFileSync(site, SITE);
});
afterEach(() => dir.remove());

const at = (...path: string[]) => join(out, ...path);
const text = (...path: string[]) => readFileSync(at(...path), "utf8");
const agent = (id: string) => loadConfig(AgentConfig, at("agents", id, "agent.yaml"));
const cloud = () => loadConfig(CloudConfig, at("cloud", "cloud.yaml"));
const provision = (...options: string[]) => run("site", "--site", site, "--out", out, ...options);
const everything = () => {
  const files = readdirSync(out, { recursive: true, encoding: "utf8" }).filter((path) => statSync(at(path)).isFile());
  return Object.fromEntries(files.sort().map((path) => [path, text(path)]));
};

describe("storeward-provision site", () => {
  it("writes for every agent its own readers and read points, its password, and the ledger of the cloud", async () => {
    const { code, err } = await provision();
    expect([code, err]).toEqual([0, ""]);
    const { ledger } = cloud();
    const one = agent("edge-1");
    expect(one).toMatchObject({
      version: 1,
      agent: "edge-1",
      cloud: { url: "mqtt://127.0.0.1:1883", username: "edge-1", ledger },
    });
    expect(one.readers.map(({ id }) => id)).toEqual(["reader-1"]);
    expect(one.readPoints.map(({ id }) => id)).toEqual(["store-door"]);
    expect(one.epcFilter).toEqual({ prefixes: ["30", "34"] });
    const two = agent("edge-2");
    expect(two.cloud.ledger).toBe(ledger);
    expect([two.readers.map(({ id }) => id), two.readPoints.map(({ id }) => id)]).toEqual([["reader-2"], ["board"]]);
    // What a site walk has shown is for the cloud.
    expect(two.readPoints[0]).not.toHaveProperty("walked");
  });

  it("gives everybody a password of their own, as a hash to the broker and in clear to nobody else", async () => {
    const { out: said } = await provision();
    const secrets = {
      cloud: text("cloud", "secrets", "broker-password").trim(),
      "edge-1": text("agents", "edge-1", "password").trim(),
      "edge-2": text("agents", "edge-2", "password").trim(),
    };
    expect(new Set(Object.values(secrets)).size).toBe(3);
    const { accounts } = loadConfig(BrokerAccounts, at("cloud", "broker-accounts.json"));
    expect(accounts.map(({ username, role }) => [username, role])).toEqual([
      ["cloud", "cloud"],
      ["edge-1", "agent"],
      ["edge-2", "agent"],
    ]);
    for (const { username, passwordHash } of accounts)
      expect(await verify(passwordHash, secrets[username as keyof typeof secrets])).toBe(true);
    const admin = text("cloud", "secrets", "admin-password").trim();
    const files = Object.entries(everything()).filter(([path]) => !path.endsWith("password"));
    for (const secret of [...Object.values(secrets), admin]) {
      expect(secret.length).toBeGreaterThanOrEqual(32);
      expect(said).not.toContain(secret);
      for (const [path, content] of files) expect([path, content.includes(secret)]).toEqual([path, false]);
    }
    const open = [
      "agents/edge-1/password",
      "cloud/secrets/broker-password",
      "cloud/secrets/admin-password",
      "cloud/broker-accounts.json",
      "mosquitto/passwd",
    ].filter((path) => (statSync(at(path)).mode & 0o077) !== 0);
    expect(open).toEqual([]);
  });

  it("gives the cloud the description as it is, with its comments", async () => {
    writeFileSync(site, `# our site\n${SITE}`);
    await provision();
    expect(text("cloud", "site.yaml")).toBe(`# our site\n${SITE}`);
    expect(loadConfig(Site, at("cloud", cloud().site)).site.id).toBe("st-mary");
  });

  it("changes not a byte when it runs again", async () => {
    await provision();
    const before = everything();
    const { out: said } = await provision();
    expect(everything()).toEqual(before);
    expect(said).toBe(`${out}: 0 files written for the cloud and 2 agents, 12 kept as they were\n`);
  });

  it("gives the cloud a key to sign with, every agent its public half, and keeps it", async () => {
    await provision();
    const file = at("cloud", cloud().configKeyFile ?? "");
    const secret = readSecret(file);
    expect(secret.exposed).toBe(false);
    const key = publicHalf(signingKey(secret.value, file));
    expect([agent("edge-1").cloud.configKey, agent("edge-2").cloud.configKey]).toEqual([key, key]);
    rmSync(file);
    await provision();
    const next = publicHalf(signingKey(readSecret(file).value, file));
    expect([agent("edge-1").cloud.configKey, agent("edge-1").version]).toEqual([next, 2]);
    expect(next).not.toBe(key);
  });

  it("raises the version of the agent that something changed for, and of no other", async () => {
    await provision();
    const ledger = cloud().ledger;
    const password = text("agents", "edge-1", "password");
    writeFileSync(site, SITE.replace("192.0.2.10", "192.0.2.11"));
    const { out: said } = await provision();
    expect(said).toContain("agents/edge-1/agent.yaml (version 2)");
    expect([agent("edge-1").version, agent("edge-2").version]).toEqual([2, 1]);
    expect([cloud().ledger, text("agents", "edge-1", "password")]).toEqual([ledger, password]);
    expect(agent("edge-1").readers[0]).toMatchObject({ host: "192.0.2.11" });
  });

  it("keeps what a person has set or noted in the files", async () => {
    await provision();
    const file = at("agents", "edge-1", "agent.yaml");
    writeFileSync(
      file,
      `${text("agents", "edge-1", "agent.yaml").replace("data: data", "data: /var/lib/x # on the SSD")}journal: { maxBytes: 8388608 }\n`,
    );
    writeFileSync(at("cloud", "cloud.yaml"), `${text("cloud", "cloud.yaml")}keep: { days: 30 }\n`);
    writeFileSync(site, SITE.replace("192.0.2.10", "192.0.2.11"));
    await provision("--http-port", "9090", "--cloud-data", "/srv/storeward");
    expect(agent("edge-1")).toMatchObject({ version: 2, data: "/var/lib/x", journal: { maxBytes: 8388608 } });
    expect(text("agents", "edge-1", "agent.yaml")).toContain("# on the SSD");
    expect(cloud()).toMatchObject({ keep: { days: 30 }, http: { port: 9090 } });
    await provision();
    expect(cloud()).toMatchObject({ data: "/srv/storeward", http: { port: 9090 } });
  });

  it("points agents on the same machine to the broker's port, and those elsewhere to where they are told", async () => {
    await provision("--mqtt-port", "1999");
    expect(agent("edge-1").cloud.url).toBe("mqtt://127.0.0.1:1999");
    expect(cloud().broker.port).toBe(1999);
    await provision("--cloud-url", "mqtts://cloud.example:8883");
    expect(agent("edge-1").cloud.url).toBe("mqtts://cloud.example:8883");
    await provision("--mqtt-port", "2000");
    expect(agent("edge-1").cloud.url).toBe("mqtts://cloud.example:8883");
  });

  it("sets up an outside broker with the authority of its certificate", async () => {
    const ca = join(dir.path, "ca.pem");
    writeFileSync(ca, "-----BEGIN CERTIFICATE-----\n");
    await provision("--broker-url", "mqtts://broker.example:8883", "--ca-file", ca);
    expect(cloud().broker).toMatchObject({ url: "mqtts://broker.example:8883", caFile: "broker-ca.pem" });
    expect(agent("edge-2").cloud).toMatchObject({ url: "mqtts://broker.example:8883", caFile: "ca.pem" });
    for (const path of ["cloud/broker-ca.pem", "agents/edge-2/ca.pem"])
      expect(text(path)).toBe(readFileSync(ca, "utf8"));
  });

  it("has the time series written to an InfluxDB beside the database, also on later runs that do not name it", async () => {
    await provision("--influx-url", "https://influx.example:8086");
    await provision();
    expect(cloud().timeSeries).toEqual([
      { kind: "database" },
      { kind: "influx1", url: "https://influx.example:8086", database: "storeward" },
    ]);
  });

  it("closes the account of an agent that is no more, and gives it back when it returns", async () => {
    await provision();
    const password = text("agents", "edge-2", "password");
    writeFileSync(
      site,
      SITE.replace(/ {2}- \{ id: board.*\n/, "")
        .replace(/ {2}- \{ id: reader-2.*\n/, "")
        .replace(", { id: edge-2 }", ""),
    );
    const { err } = await provision();
    expect(err).toContain("edge-2 is no agent of the site any more");
    expect(
      text("cloud", "broker-accounts.json") + text("mosquitto", "acl") + text("mosquitto", "passwd"),
    ).not.toContain("edge-2");
    writeFileSync(site, SITE);
    await provision();
    expect(text("cloud", "broker-accounts.json")).toContain("edge-2");
    expect(text("agents", "edge-2", "password")).toBe(password);
  });

  it("closes a password file that others could read, with the same password", async () => {
    await provision();
    const password = text("agents", "edge-1", "password");
    chmodSync(at("agents", "edge-1", "password"), 0o644);
    const { out: said } = await provision();
    expect(said).toContain("wrote agents/edge-1/password");
    expect(statSync(at("agents", "edge-1", "password")).mode & 0o077).toBe(0);
    expect(text("agents", "edge-1", "password")).toBe(password);
  });

  it("finds the ledger again in the agents where the cloud's part is lost, and asks where they differ", async () => {
    await provision();
    const { ledger } = cloud();
    rmSync(at("cloud"), { recursive: true });
    await provision();
    expect(cloud().ledger).toBe(ledger);
    rmSync(at("cloud"), { recursive: true });
    writeFileSync(
      at("agents", "edge-1", "agent.yaml"),
      text("agents", "edge-1", "agent.yaml").replace(ledger, "f".repeat(32)),
    );
    expect(await provision()).toMatchObject({ code: 1, err: expect.stringContaining("different ledgers") });
  });

  it("does not write over a file that somebody has broken", async () => {
    await provision();
    writeFileSync(at("cloud", "cloud.yaml"), "ledger: mine\n");
    const { code, err } = await provision();
    expect(code).toBe(1);
    expect(err).toContain("cloud.yaml:1:9 ledger");
    expect(text("cloud", "cloud.yaml")).toBe("ledger: mine\n");
  });

  it("makes hashes anew where the accounts are damaged", async () => {
    await provision();
    writeFileSync(at("cloud", "broker-accounts.json"), "{");
    writeFileSync(at("mosquitto", "passwd"), "cloud:$7$0$$\nedge-1\n");
    expect(await provision()).toMatchObject({ code: 0 });
    expect(loadConfig(BrokerAccounts, at("cloud", "broker-accounts.json")).accounts).toHaveLength(3);
  });

  it("leaves no half-written file behind, and lets only one run work on a folder", async () => {
    await provision();
    expect(Object.keys(everything()).filter((path) => path.endsWith(".tmp"))).toEqual([]);
    const lock = await lockDataFolder(out, "provision");
    const { code, err } = await provision();
    await lock.release();
    expect([code, err]).toEqual([1, expect.stringContaining("DATA_FOLDER_IN_USE")]);
  });

  it("says what still keeps the cloud from listening to other machines", async () => {
    expect((await provision("--bind", "0.0.0.0")).err).toContain("give http.tls in cloud.yaml its files");
    expect((await provision("--insecure")).err).toBe("");
    expect(cloud()).toMatchObject({ http: { host: "0.0.0.0", insecure: true }, broker: { insecure: true } });
    expect(agent("edge-1").cloud.insecure).toBe(true);
  });

  it("says which file could not be written", async () => {
    await provision();
    rmSync(at("mosquitto"), { recursive: true });
    writeFileSync(at("mosquitto"), "");
    expect(await provision()).toMatchObject({ code: 1, err: expect.stringContaining("mosquitto") });
  });
});

describe("a description that is wrong", () => {
  it("is refused with every problem at once, by line and key, and nothing is written", async () => {
    writeFileSync(
      site,
      SITE.replace("parent: store", "parent: stores")
        .replace("outside: ward", "outside: wards")
        .replace("agent: edge-2", "agent: edge-3"),
    );
    const { code, err } = await provision();
    expect(code).toBe(1);
    expect(err).toContain(`${site}:6:`);
    expect(err).toContain("places[3].parent");
    expect(err).toContain(`${site}:11:`);
    expect(err).toContain("readPoints[0].outside");
    expect(err).toContain(`${site}:22:`);
    expect(err).toContain("readers[1].agent");
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    ["an agent with the name of the cloud's own account", "edge-2", "cloud"],
    ["an agent with the name under which the cloud journals", "edge-2", "storeward-cloud"],
  ])("refuses %s", async (_, from, to) => {
    writeFileSync(site, SITE.replaceAll(from, to));
    expect(await provision()).toMatchObject({ code: 1, err: expect.stringContaining("agents[1].id") });
  });

  it("refuses an agent with more readers than one device takes", async () => {
    const readers = Array.from(
      { length: 64 },
      (_, i) =>
        `  - { id: more-${i}, agent: edge-1, driver: llrp, host: 127.0.0.1, port: ${i + 1}, region: ETSI, antennas: [{ antenna: 1, power: 1 }] }\n`,
    );
    writeFileSync(site, SITE.replace("agents:", `${readers.join("")}agents:`));
    expect(await provision()).toMatchObject({ code: 1, err: expect.stringContaining("edge-1 has 65 readers") });
  });

  it("refuses readers on other machines in the clear, as their agent would, unless it is written", async () => {
    writeFileSync(site, SITE.replace("    insecure: true\n", "").replace("/dev/ttyUSB0", "tcp://192.0.2.5:4001"));
    const { code, err } = await provision();
    expect(code).toBe(1);
    expect(err).toMatch(/readers\[0\]\.host: INSECURE_CONNECT.*\n.*readers\[1\]\.device: INSECURE_CONNECT/);
  });

  it("takes LLRP readers over TLS, and refuses a port for callers that the network could read", async () => {
    const other = (link: string) => SITE.replace("    insecure: true\n", "").replace(/^ {4}host: .*$/m, link);
    writeFileSync(site, other("    host: 192.0.2.1\n    tls: true\n    caFile: readers-ca.pem"));
    expect(await run("site", "--site", site, "--check-config")).toMatchObject({ code: 0 });
    writeFileSync(site, other("    host: 192.0.2.1\n    listen: { port: 5084, address: 0.0.0.0 }"));
    const { err } = await run("site", "--site", site, "--check-config");
    expect(err).toMatch(/readers\[0\]\.listen: INSECURE_LISTEN/);
  });

  it("is checked alone with --check-config", async () => {
    expect(await run("site", "--site", site, "--check-config")).toEqual({ code: 0, out: `${site} is good\n`, err: "" });
    writeFileSync(site, "places: []\n");
    const { code, err } = await run("site", "--site", site, "--check-config");
    expect(code).toBe(1);
    expect(err).toContain("readers is missing");
  });
});

describe("the command line", () => {
  it.each([
    [["site"], "--site FILE is needed"],
    [["site", "--site", "x", "--http-port", "0"], "--http-port must be 1 to 65535"],
    [["site", "--site", "x", "--mqtt-port", "1e3"], "--mqtt-port must be"],
    [["site", "--site", "x", "--cloud-url", "http://x"], "--cloud-url must be as mqtts://"],
    [["site", "--site", "x", "--cloud-url", "mqtt://user:pw@x"], "--cloud-url must be as mqtts://"],
    [["site", "--site", "x", "--cloud-url", "mqtt://192.0.2.1:1883"], "use mqtts://"],
    [["site", "--site", "x", "--broker-url", "mqtt://b", "--cloud-url", "mqtts://b"], "use mqtts://"],
    [["site", "--site", "x", "--influx-url", "influx.example"], "--influx-url must be as http"],
    [["site", "--site", "x", "--influx-url", "http://influx.example"], "use https://"],
    [["site", "--site", "x", "--bind", "my server"], "--bind must be an address"],
    [["site", "--site", "x", "--what"], "--what"],
    [["sites"], "unknown command 'sites'"],
  ])("exits 2 on %j", async (argv, said) => {
    expect(await run(...argv)).toMatchObject({ code: 2, err: expect.stringContaining(said) });
  });

  it("exits 1 where the file is not there", async () => {
    expect(await run("site", "--site", join(dir.path, "no.yaml"), "--out", out)).toMatchObject({
      code: 1,
      err: expect.stringContaining("does not exist"),
    });
  });
});
