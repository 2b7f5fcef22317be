import {
  type AgentStatus,
  type CommandAnswer,
  type CommandDocument,
  type ConfigDocument,
  ConfigDocument as ConfigDocumentSchema,
  type RemoteConfiguration,
  signedText,
  splitSigned,
} from "@storeward/contracts";
import {
  createLogger,
  isSignedBy,
  ManualClock,
  newSigningKey,
  publicHalf,
  signingKey,
  validator,
  verifyingKey,
} from "@storeward/runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { migrations as auditMigrations, SYSTEM } from "../../audit/index.js";
import { type TestDatabase, testDatabase } from "../../database/testing.js";
import { migrations as intakeMigrations } from "../../intake/index.js";
import { migrations as journalMigrations } from "../../journal/index.js";
import { Configurations, DeviceCommands, Gateways, migrations, Signer } from "../index.js";
import type { DeviceLink } from "./signer.js";

const log = createLogger("test", { level: "silent" });
const START = Date.UTC(2026, 2, 1, 8);
const key = signingKey(newSigningKey(), "the key");
const known = verifyingKey(publicHalf(key), "the key");
const id = (digit: string) => digit.repeat(32);
let test: TestDatabase;

beforeAll(async () => {
  test = await testDatabase([...journalMigrations, ...intakeMigrations, ...auditMigrations, ...migrations]);
});
afterAll(() => test.close());
beforeEach(() =>
  test.db.query("TRUNCATE gateway, gateway_configuration, gateway_command, intake_cursor, telemetry_sample"),
);

interface Said {
  readonly agent: string;
  readonly leaf: string;
  readonly text: string;
  readonly retain: boolean;
}

const plan = (power = 20, agent = "edge"): RemoteConfiguration => ({
  readers: [{ id: "r1", agent, region: "ETSI", driver: "llrp", host: "h", antennas: [{ antenna: 1, power }] }],
  readPoints: [{ id: "shelf-1", role: "shelf", place: "shelf", antennas: [{ reader: "r1", antenna: 1 }] }],
});

async function made(signer = new Signer(key)) {
  const clock = new ManualClock({ wall: START });
  const said: Said[] = [];
  const link: DeviceLink & { connected: boolean } = {
    connected: true,
    publish: (agent: string, leaf: string, text: string, { retain = false } = {}) =>
      void said.push({ agent, leaf, text, retain }),
  };
  const options = { db: test.db, signer, link: () => link, clock, log };
  const configurations = new Configurations({ ...options, hasReadPoint: (point) => point === "shelf-1" });
  const commands = new DeviceCommands(options);
  const gateways = new Gateways({
    db: test.db,
    log,
    live: { append: async () => undefined },
    clock,
    onStatus: (agent) => configurations.onStatus(agent),
  });
  await gateways.sync([{ id: "edge", name: "Stores" }]);
  /** The device says what it runs with. */
  const status = async (config: number, refused?: AgentStatus["refused"]) => {
    const online: AgentStatus = { v: 1, state: "online", session: id("1"), boot: id("b"), config, software: "s" };
    gateways.receive("edge", "status", Buffer.from(JSON.stringify({ ...online, ...(refused && { refused }) })));
    await gateways.tick();
    await configurations.tick();
  };
  const documents = () => said.splice(0).map(({ text, ...rest }) => ({ ...rest, document: JSON.parse(opened(text)) }));
  const listed = async () => (await gateways.list(test.db))[0];
  return { clock, link, configurations, commands, gateways, status, documents, listed };
}

/** The document, if the signature is ours. */
function opened(payload: string): string {
  const { envelope, document } = splitSigned(payload);
  const { kind, signature } = JSON.parse(envelope);
  expect(isSignedBy(signedText(kind, document), signature, known)).toBe(true);
  return document;
}

const source = { ...SYSTEM, actor: "ada" };
const audited = () =>
  test.db.query(
    "SELECT actor, action, subject FROM audit_entry WHERE action LIKE 'gateway.%' ORDER BY pos DESC LIMIT 1",
  );

describe("a gateway's configuration", () => {
  it("is above what the device runs with, signed, retained, audited, and told until the device runs with it", async () => {
    const { configurations, status, documents, listed, clock } = await made();
    await status(5);
    const set = await configurations.set("edge", plan(25), source);
    expect(set).toMatchObject({
      latest: { version: 6, setBy: "ada" },
      state: { applied: 5, wanted: 6, refused: null },
    });
    expect(await audited()).toEqual([{ actor: "ada", action: "gateway.configured", subject: "gateway:edge" }]);
    await configurations.tick();
    const [told, ...more] = documents();
    expect(more).toEqual([]);
    expect(told).toMatchObject({ agent: "edge", leaf: "config", retain: true });
    const document: ConfigDocument = told?.document;
    expect(validator(ConfigDocumentSchema)(document)).toMatchObject({ ok: true });
    expect(document).toMatchObject({ agent: "edge", version: 6, configuration: plan(25) });
    expect(Date.parse(document.expires)).toBeGreaterThan(clock.wall());
    // It comes back and still runs with the older one: it missed it, or the broker forgot it.
    await status(5);
    expect(documents()).toMatchObject([{ document: { version: 6 } }]);
    await status(6);
    expect(documents()).toEqual([]);
    expect((await listed())?.configuration).toEqual({ applied: 6, wanted: 6, refused: null });
  });

  it("is told again at the start of the service, once the broker is there", async () => {
    const first = await made();
    await first.status(5);
    await first.configurations.set("edge", plan(25), source);
    const { configurations, link, clock, documents } = await made();
    link.connected = false;
    await configurations.start();
    await clock.advance(5_000);
    expect(documents()).toEqual([]);
    link.connected = true;
    await clock.advance(1_000);
    await configurations.stop();
    expect(documents()).toMatchObject([{ document: { version: 6 } }]);
  });

  it("that the device refuses is shown with the reason, and not sent to it again; the next one is", async () => {
    const { configurations, status, documents, listed } = await made();
    await status(5);
    await configurations.set("edge", plan(25), source);
    await configurations.tick();
    documents();
    const refused = { version: 6, code: "CONFIG_READERS_LOST", text: "r1 worked before" };
    await status(5, refused);
    expect(documents()).toEqual([]);
    expect(await listed()).toMatchObject({
      configuration: { applied: 5, wanted: 6, refused },
      trouble: ["CONFIG_READERS_LOST: r1 worked before"],
    });
    // The same once more: whoever sets it means it to be tried again.
    expect((await configurations.set("edge", plan(25), source)).latest?.version).toBe(7);
    await configurations.tick();
    expect(documents()).toMatchObject([{ document: { version: 7 } }]);
    expect(await listed()).toMatchObject({ configuration: { refused: null }, trouble: [] });
  });

  it("set twice is one version", async () => {
    const { configurations, status } = await made();
    await status(5);
    await configurations.set("edge", plan(25), source);
    expect((await configurations.set("edge", plan(25), source)).latest?.version).toBe(6);
    expect((await configurations.set("edge", plan(26), source)).latest?.version).toBe(7);
  });

  it.each([
    ["of no gateway", "nobody", plan(20, "nobody"), "GATEWAY_UNKNOWN"],
    ["with a reader of another", "edge", plan(20, "other"), "CONFIG_OF_OTHER_AGENT"],
    [
      "with a read point that is not the site's",
      "edge",
      { ...plan(), readPoints: plan().readPoints.map((point) => ({ ...point, id: "nowhere" })) },
      "CONFIG_READ_POINT_UNKNOWN",
    ],
    [
      "that no broker carries",
      "edge",
      { ...plan(), epcFilter: { prefixes: Array.from({ length: 5_000 }, () => "3".repeat(64)) } },
      "CONFIG_TOO_LARGE",
    ],
  ])("%s is refused", async (_, agent, configuration, code) => {
    const { configurations, status } = await made();
    await status(5);
    await expect(configurations.set(agent, configuration, source)).rejects.toMatchObject({ code });
  });

  it("waits for a first word of the device, and for a key", async () => {
    const { configurations } = await made();
    await expect(configurations.set("edge", plan(), source)).rejects.toMatchObject({ code: "GATEWAY_NEVER_HEARD" });
    const keyless = await made(new Signer(undefined));
    await keyless.status(5);
    await expect(keyless.configurations.set("edge", plan(), source)).rejects.toMatchObject({
      code: "CONFIG_KEY_MISSING",
    });
    expect(await keyless.configurations.get(test.db, "edge")).toMatchObject({ latest: null, state: { applied: 5 } });
  });
});

describe("a command", () => {
  const telemetry = (answers: CommandAnswer[]) =>
    Buffer.from(
      JSON.stringify({
        v: 1,
        agent: "edge",
        session: id("1"),
        at: { boot: id("b"), mono: 1, wall: new Date(START).toISOString() },
        readers: [],
        journal: {
          epoch: id("e"),
          head: 9,
          acked: 5,
          released: 0,
          oldest: 1,
          bytes: 1,
          maxBytes: 2,
          full: false,
          refused: 0,
        },
        uplink: { outstandingBytes: 0, credit: 0, resends: 0, rejects: 0, reconnects: 0 },
        filtered: { foreign: 0, persons: 0 },
        host: { uptimeSeconds: 1, rssBytes: 1 },
        answers,
      }),
    );

  it("is signed, for a minute, audited, not retained, and kept with its answer, which stands in no sample of health", async () => {
    const { commands, gateways, status, documents } = await made();
    await status(5);
    const asked = await commands.ask("edge", { do: "send-logs", lines: 2 }, source);
    expect(await audited()).toEqual([{ actor: "ada", action: "gateway.commanded", subject: "gateway:edge" }]);
    const [told] = documents();
    expect(told).toMatchObject({ leaf: "command", retain: false, document: { id: asked.id, command: asked.command } });
    const { issued, expires }: CommandDocument = told!.document;
    expect(Date.parse(expires) - Date.parse(issued)).toBe(60_000);
    const answer = { id: asked.id, ok: true, text: "2 lines", lines: ["a\0", "b"] };
    gateways.receive("edge", "telemetry", telemetry([answer]));
    gateways.receive("edge", "telemetry", telemetry([{ id: id("9"), ok: true, text: "nobody asked" }]));
    await gateways.tick();
    expect(await commands.list(test.db, "edge")).toMatchObject([
      { answer: { ...answer, lines: ["a", "b"] }, issuedBy: "ada" },
    ]);
    const [sample] = await test.db.query<{ body: object }>("SELECT body FROM telemetry_sample");
    expect(sample?.body).not.toHaveProperty("answers");
    // What comes later changes nothing.
    gateways.receive("edge", "telemetry", telemetry([{ ...answer, text: "again" }]));
    await gateways.tick();
    expect((await commands.list(test.db, "edge"))[0]?.answer?.text).toBe("2 lines");
  });

  it("is for a device that is online, over a broker that is there", async () => {
    const { commands, link, status } = await made();
    const ask = (agent: string) => commands.ask(agent, { do: "inventory" }, source);
    await expect(ask("nobody")).rejects.toMatchObject({ code: "GATEWAY_UNKNOWN" });
    await expect(ask("edge")).rejects.toMatchObject({ code: "GATEWAY_OFFLINE" });
    await status(5);
    link.connected = false;
    await expect(ask("edge")).rejects.toMatchObject({ code: "BROKER_AWAY" });
    expect(await commands.list(test.db, "edge")).toEqual([]);
  });
});
