import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { createLogger, ManualClock, systemClock } from "@storeward/runtime";
import { Aedes, type AuthenticateError } from "aedes";
import { afterAll, describe, expect, it } from "vitest";
import { Uplink } from "../src/uplink/uplink.js";
import { CloudClient } from "./cloud-client.js";
import { input } from "./journal.contract.js";
import { MemoryJournal, memoryDisk } from "./memory-journal.js";
import { ModelCloud } from "./model-cloud.js";

const LEDGER = "7".repeat(32);
const PASSWORD = "right";
const OPENSSL = "openssl";
const dir = mkdtempSync(join(tmpdir(), "storeward-uplink-"));
const stops: (() => unknown)[] = [];
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  rmSync(dir, { recursive: true });
});

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 40_000; !holds(); await new Promise((resolve) => setTimeout(resolve, 10)))
    if (Date.now() > end) throw new Error(`it never came to this: ${what}`);
}

/** A broker with one account that takes what the rules allow, over the server that is given. */
async function broker(serve: (aedes: Aedes) => Server, mayRead = true): Promise<number> {
  const aedes = await Aedes.createBroker();
  aedes.authenticate = (_client, _name, password, done) => {
    const error = Object.assign(new Error("no"), { returnCode: 4 }) as AuthenticateError;
    if (password === undefined || password.toString() === PASSWORD) done(null, true);
    else done(error, false);
  };
  aedes.authorizeSubscribe = (_client, subscription, done) =>
    done(null, mayRead || !subscription.topic.endsWith("/ack") ? subscription : null);
  const server = serve(aedes);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => new Promise<void>((resolve) => aedes.close(() => server.close(() => resolve()))));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const plain = (aedes: Aedes) => createServer(aedes.handle);

function uplinkTo(url: string, { password = PASSWORD, ca }: { password?: string; ca?: Buffer } = {}) {
  const lines: string[] = [];
  const log = createLogger("test", { level: "info", pretty: false, write: (line) => lines.push(line) });
  const journal = new MemoryJournal(memoryDisk(), systemClock, 1);
  const uplink = new Uplink({
    config: { agent: "agent-1", version: 1, cloud: { url, username: "agent-1", passwordFile: "-", ledger: LEDGER } },
    password,
    ca,
    hardware: "h",
    software: "s",
    journal,
    through: () => systemClock.mono(),
    coverage: () => [{ readPoint: "r1", state: "watching" }],
    onClock: () => undefined,
    clock: systemClock,
    log,
  });
  stops.push(() => uplink.stop());
  return { uplink, journal, lines };
}

describe("the uplink", () => {
  it("says once what is wrong, not at every try, and what to do about it", async () => {
    const port = await broker(plain);
    const { uplink, lines } = uplinkTo(`mqtt://127.0.0.1:${port}`, { password: "wrong" });
    await uplink.start();
    await until("three tries", () => uplink.stats().reconnects >= 3);
    expect(uplink.problems()).toMatchObject([{ code: "UPLINK_REFUSED" }]);
    expect(uplink.problems()[0]!.message).toContain("check cloud.username and the content of cloud.passwordFile");
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain("wrong");
    await uplink.stop();
  });

  it("says when the broker's rules keep it from hearing the cloud", async () => {
    const port = await broker(plain, false);
    const { uplink } = uplinkTo(`mqtt://127.0.0.1:${port}`);
    await uplink.start();
    await until("a refused subscription", () => uplink.problems()[0]?.code === "UPLINK_NOT_SUBSCRIBED");
    await uplink.stop();
  });

  it("says when the broker answers and the cloud does not", async () => {
    const port = await broker(plain);
    const { journal } = uplinkTo("mqtt://127.0.0.1:1");
    const clock = new ManualClock();
    const log = createLogger("test", { level: "silent" });
    const cloud = { url: `mqtt://127.0.0.1:${port}`, username: "agent-1", passwordFile: "-", ledger: LEDGER };
    const who = { config: { agent: "agent-1", version: 1, cloud }, password: PASSWORD, ca: undefined };
    const more = { hardware: "h", software: "s", through: () => 0, coverage: () => [], onClock: () => undefined };
    const uplink = new Uplink({ ...who, ...more, journal, clock, log });
    await uplink.start();
    const connected = () => clock.pending >= 3;
    await until("a connection", connected);
    expect(uplink.problems()).toEqual([]);
    await clock.advance(40_000);
    expect(uplink.problems()).toMatchObject([{ code: "UPLINK_UNANSWERED" }]);
    await uplink.stop();
    expect(clock.pending).toBe(0);
  });

  it("says when another device takes its connection again and again, and both still deliver", async () => {
    const port = await broker(plain);
    const cloud = new ModelCloud({ ledger: LEDGER, now: () => Date.now() });
    const client = new CloudClient(cloud);
    client.start(port);
    stops.push(() => client.stop());
    const [one, two] = [uplinkTo(`mqtt://127.0.0.1:${port}`), uplinkTo(`mqtt://127.0.0.1:${port}`)];
    for (const { uplink, journal } of [one, two]) {
      await journal.append([input(1), input(2)]);
      await uplink.start();
    }
    const codes = () => [one, two].flatMap(({ uplink }) => uplink.problems().map(({ code }) => code));
    await until("a contested connection", () => codes().includes("UPLINK_CONTESTED"));
    const isDelivered = ({ journal }: typeof one) => cloud.epoch(journal.epoch).committed === 2;
    await until("both journals", () => isDelivered(one) && isDelivered(two));
    await Promise.all([one.uplink.stop(), two.uplink.stop()]);
  });

  const openssl = spawnSync(OPENSSL, ["version"]).error === undefined;
  it.skipIf(!openssl)("trusts a broker by its authority, and no other (skipped without openssl)", async () => {
    const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    execFileSync(OPENSSL, [...made, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
    const pem = { key: readFileSync(key), cert: readFileSync(cert) };
    const port = await broker((aedes) => createTlsServer(pem, aedes.handle));
    const cloud = new ModelCloud({ ledger: LEDGER, now: () => Date.now() });
    const client = new CloudClient(cloud, pem.cert);
    client.start(port);
    stops.push(() => client.stop());

    const stranger = uplinkTo(`mqtts://127.0.0.1:${port}`);
    await stranger.uplink.start();
    await until("mistrust", () => stranger.uplink.problems()[0]?.code === "UPLINK_UNREACHABLE");
    expect(String(stranger.lines[0])).toContain("self-signed certificate");
    await stranger.uplink.stop();

    const { uplink, journal } = uplinkTo(`mqtts://127.0.0.1:${port}`, { ca: pem.cert });
    await uplink.start();
    await journal.append([input(1), input(2)]);
    uplink.wake();
    await until("two rows", () => cloud.epoch(journal.epoch).committed === 2);
    expect(uplink.problems()).toEqual([]);
    await uplink.stop();
  });

  it("shows the present on connect, before a backlog has gone, and stands for the journal's head", async () => {
    const port = await broker(plain);
    const cloud = new ModelCloud({ ledger: LEDGER, now: () => Date.now() });
    const client = new CloudClient(cloud);
    client.start(port);
    stops.push(() => client.stop());
    const { uplink, journal } = uplinkTo(`mqtt://127.0.0.1:${port}`);
    const presence = { readPoint: "r1", epc: "30000001", state: "{}" };
    await journal.append([{ ...input(1), presence }, ...Array.from({ length: 999 }, (_, i) => input(i + 2))]);
    await uplink.start();
    await until("a snapshot", () => client.snapshots.length === 1);
    expect(cloud.epoch(journal.epoch).committed).toBeLessThan(1_000);
    expect(client.snapshots).toMatchObject([
      {
        part: 1,
        parts: 1,
        asOf: { epoch: journal.epoch, seq: 1_000 },
        readPoints: [{ readPoint: "r1", state: "watching", tags: ["30000001"] }],
      },
    ]);
    await until("all rows", () => cloud.epoch(journal.epoch).committed === 1_000);
    expect(client.violations).toEqual([]);
    await uplink.stop();
  });
});
