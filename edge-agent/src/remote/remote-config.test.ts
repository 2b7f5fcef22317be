import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentConfig, RemoteConfiguration } from "@storeward/contracts";
import { createLogger, isoMs, ManualClock } from "@storeward/runtime";
import { afterAll, describe, expect, it } from "vitest";
import { Pen, plan } from "../../test/pen.js";
import { ConfigStore } from "./config-store.js";
import type { EffectiveConfig } from "./effective-config.js";
import { RemoteConfig } from "./remote-config.js";

const root = mkdtempSync(join(tmpdir(), "storeward-remote-"));
afterAll(() => rmSync(root, { recursive: true }));
writeFileSync(join(root, "password"), "secret", { mode: 0o600 });
const log = createLogger("test", { level: "silent" });
const pen = new Pen();
const HOUR = 3_600_000;

const own: AgentConfig = {
  version: 3,
  agent: "agent-1",
  data: root,
  cloud: {
    url: "mqtt://127.0.0.1:1883",
    username: "agent-1",
    passwordFile: join(root, "password"),
    ledger: "5".repeat(32),
    configKey: pen.publicKey,
  },
  ...plan(),
  journal: { maxBytes: 1e9 },
  status: { address: "127.0.0.1", port: 0 },
};

/** A device of which it is said what works under which configuration. */
class Device {
  readonly clock = new ManualClock({ wall: Date.UTC(2026, 2, 1) });
  readonly folder: string;
  readonly store: ConfigStore;
  readonly applied: number[] = [];
  running: EffectiveConfig = { config: own, hash: "own" };
  /** Versions under which readers do not come up, and those that cannot be started. */
  readonly dark = new Set<number>();
  readonly broken = new Set<number>();
  knowsTime = true;
  changes = 0;
  remote: RemoteConfig;

  constructor(folder = mkdtempSync(join(root, "device-")), key: Pen | null = pen) {
    this.folder = folder;
    this.store = new ConfigStore(folder);
    this.remote = this.#make(key);
    this.running = this.remote.load();
  }

  #make(key: Pen | null): RemoteConfig {
    return new RemoteConfig({
      settings: { file: join(root, "agent.yaml"), config: own, password: "", ca: undefined, hash: "own", warnings: [] },
      key: key?.known,
      store: this.store,
      apply: async (next) => {
        this.applied.push(next.config.version);
        if (this.broken.has(next.config.version)) throw new Error("no such driver");
        this.running = next;
      },
      readers: () =>
        new Map(
          this.running.config.readers.map(({ id }) => [
            id,
            this.dark.has(this.running.config.version) ? { watching: false, error: "timeout" } : { watching: true },
          ]),
        ),
      utc: () => (this.knowsTime ? this.clock.wall() : undefined),
      onChanged: () => this.changes++,
      clock: this.clock,
      log,
    });
  }

  document(version: number, configuration: RemoteConfiguration = plan(25), more: object = {}): object {
    const now = this.clock.wall();
    return {
      v: 1,
      agent: "agent-1",
      version,
      issued: isoMs(now),
      expires: isoMs(now + HOUR),
      configuration,
      ...more,
    };
  }

  async send(payload: Buffer, seconds = 90): Promise<void> {
    this.remote.receive(payload);
    for (let passed = 0; passed < seconds * 1_000; passed += 500) await this.clock.advance(500);
  }

  get state() {
    const { refusal, current } = this.remote;
    return { version: this.running.config.version, said: current.config.version, refused: refusal?.code };
  }

  get files(): string[] {
    return readdirSync(this.folder).sort();
  }
}

const restarted = ({ folder }: Device): Device => new Device(folder);

describe("a configuration of the cloud", () => {
  it("is applied, told, and there again after a restart; agent.yaml keeps who the device is", async () => {
    const device = new Device();
    await device.send(pen.sign("config", device.document(7, plan(25, { journal: { maxBytes: 2e9 } }))));
    expect(device.state).toEqual({ version: 7, said: 7, refused: undefined });
    expect(device.changes).toBe(1);
    const { config, hash } = restarted(device).running;
    expect(config).toMatchObject({ version: 7, agent: "agent-1", cloud: own.cloud, journal: { maxBytes: 2e9 } });
    expect(config.readers[0]?.antennas[0]?.power).toBe(25);
    expect(hash).not.toBe("own");
    expect(device.files).toEqual(["configuration.signed"]);
    // The same once more, as a broker that retains it sends it at every connection.
    await device.send(pen.sign("config", device.document(7)));
    expect(device.applied).toEqual([7]);
  });

  it("is in force only once it has stood ten seconds with every reader that worked", async () => {
    const device = new Device();
    await device.send(pen.sign("config", device.document(7)), 9);
    expect(device.files).toEqual(["configuration.trial"]);
    await device.clock.advance(3_000);
    expect(device.files).toEqual(["configuration.signed"]);
  });

  it("is taken back when a reader that worked does not under it, and not tried again, also after a restart", async () => {
    const device = new Device();
    device.dark.add(7);
    await device.send(pen.sign("config", device.document(7)));
    expect(device.applied).toEqual([7, 3]);
    expect(device.state).toEqual({ version: 3, said: 3, refused: "CONFIG_READERS_LOST" });
    expect(device.remote.refusal?.text).toMatch(/r1 worked before.*timeout/);
    expect(device.remote.problems()).toHaveLength(1);
    const again = restarted(device);
    expect(again.state).toEqual({ version: 3, said: 3, refused: "CONFIG_READERS_LOST" });
    await again.send(pen.sign("config", again.document(7)));
    expect(again.applied).toEqual([]);
    // A later one is tried, and clears it.
    await again.send(pen.sign("config", again.document(8)));
    expect(again.state).toEqual({ version: 8, said: 8, refused: undefined });
    expect(again.files).toEqual(["configuration.signed"]);
  });

  it("is not held against a reader that did not work before", async () => {
    const device = new Device();
    for (const version of [3, 7]) device.dark.add(version);
    await device.send(pen.sign("config", device.document(7)), 120);
    expect(device.state).toMatchObject({ version: 7, refused: undefined });
  });

  it("is taken back when it cannot be started", async () => {
    const device = new Device();
    device.broken.add(7);
    await device.send(pen.sign("config", device.document(7)));
    expect(device.applied).toEqual([7, 3]);
    expect(device.state).toMatchObject({ version: 3, refused: "CONFIG_NOT_STARTED" });
  });

  it("under which the agent goes down is not what it starts with", async () => {
    const device = new Device();
    await device.send(pen.sign("config", device.document(6)));
    await device.send(pen.sign("config", device.document(7)), 5);
    expect(device.state.version).toBe(7);
    const again = restarted(device);
    expect(again.state).toEqual({ version: 6, said: 6, refused: "CONFIG_CRASHED" });
    expect(again.files).toEqual(["configuration.refused.json", "configuration.signed"]);
    await again.send(pen.sign("config", again.document(7)));
    expect(again.state.version).toBe(6);
  });

  it("is undecided when the agent is stopped while it is tried, and is tried again", async () => {
    const device = new Device();
    await device.send(pen.sign("config", device.document(7)), 5);
    await device.remote.stop();
    const again = restarted(device);
    expect(again.state).toEqual({ version: 3, said: 3, refused: undefined });
    await again.send(pen.sign("config", again.document(7)));
    expect(again.state.version).toBe(7);
  });

  it("waits until the time is known, and then the latest counts", async () => {
    const device = new Device();
    device.knowsTime = false;
    device.remote.receive(pen.sign("config", device.document(7)));
    await device.send(pen.sign("config", device.document(8)), 60);
    expect(device.applied).toEqual([]);
    device.knowsTime = true;
    await device.clock.advance(1_000);
    expect(device.applied).toEqual([8]);
  });

  const bad: [name: string, code: string, make: (device: Device) => Buffer][] = [
    ["signed by another", "REMOTE_FORGED", (d) => new Pen().sign("config", d.document(9))],
    ["signed as a command", "REMOTE_FORGED", (d) => pen.sign("config", d.document(9), "command")],
    [
      "changed on its way",
      "REMOTE_FORGED",
      (d) => Buffer.from(pen.sign("config", d.document(9)).toString().replace('"power":25', '"power":30')),
    ],
    [
      "past its time",
      "REMOTE_EXPIRED",
      (d) => pen.sign("config", d.document(9, plan(), { expires: isoMs(d.clock.wall() - 1) })),
    ],
    ["older than what runs", "CONFIG_OLDER", (d) => pen.sign("config", d.document(2))],
    ["of another agent", "REMOTE_OTHER_AGENT", (d) => pen.sign("config", d.document(9, plan(), { agent: "other" }))],
    ["no configuration", "REMOTE_UNREADABLE", (d) => pen.sign("config", { ...d.document(9), configuration: {} })],
    [
      "with who the device is",
      "REMOTE_UNREADABLE",
      (d) => pen.sign("config", d.document(9, { ...plan(), data: "/" } as never)),
    ],
    ["no message at all", "REMOTE_UNREADABLE", () => Buffer.from("rubbish")],
  ];
  it.each(bad)("%s changes nothing, says %s, and stands in the way of nothing", async (_, code, make) => {
    const device = new Device();
    await device.send(make(device));
    expect(device.remote.problems().map((problem) => problem.code)).toEqual([code]);
    expect(device.state).toEqual({ version: 3, said: 3, refused: undefined });
    expect(device.applied).toEqual([]);
    await device.send(pen.sign("config", device.document(9)));
    expect(device.state.version).toBe(9);
    expect(device.remote.problems()).toEqual([]);
  });

  it("that does not fit together is refused with every reason", async () => {
    const device = new Device();
    const twice = plan();
    await device.send(
      pen.sign("config", device.document(9, { ...twice, readPoints: [...twice.readPoints, ...twice.readPoints] })),
    );
    expect(device.state).toMatchObject({ version: 3, refused: "CONFIG_INVALID" });
    expect(device.remote.refusal?.text).toMatch(/readPoints\[2\].*readPoints\[3\]/);
    expect(device.applied).toEqual([]);
  });

  it.each([
    ["/etc/hostname", /neither beside agent.yaml/],
    ["../secret", /neither beside agent.yaml/],
    ["not-there", /does not exist/],
    ["password", undefined],
  ])("may name %s as a reader's password file only where it stands beside agent.yaml", async (passwordFile, said) => {
    const device = new Device();
    const iot = {
      id: "r1",
      agent: "agent-1",
      region: "ETSI" as const,
      driver: "impinj-iot" as const,
      url: "https://r700.example",
      username: "root",
      passwordFile,
      antennas: [1, 2].map((antenna) => ({ antenna, power: 20 })),
    };
    await device.send(pen.sign("config", device.document(7, plan(20, { readers: [iot] }))));
    if (said === undefined) expect(device.state).toMatchObject({ version: 7, refused: undefined });
    else expect(device.remote.refusal).toMatchObject({ code: "CONFIG_INVALID", text: expect.stringMatching(said) });
  });

  it("is not taken by an agent that knows no key, which says what is missing", async () => {
    const device = new Device(undefined, null);
    await device.send(pen.sign("config", device.document(9)));
    expect(device.remote.problems().map(({ code }) => code)).toEqual(["REMOTE_NO_KEY"]);
    expect(device.applied).toEqual([]);
  });

  it("that the disk does not take is not applied, and is tried when it comes again", async () => {
    const device = new Device();
    const { store } = device;
    const beginTrial = store.beginTrial.bind(store);
    store.beginTrial = () => {
      throw new Error("ENOSPC");
    };
    await device.send(pen.sign("config", device.document(7)));
    expect(device.remote.problems().map(({ code }) => code)).toEqual(["CONFIG_NOT_STORED"]);
    expect([device.applied, device.remote.refusal]).toEqual([[], undefined]);
    store.beginTrial = beginTrial;
    await device.send(pen.sign("config", device.document(7)));
    expect(device.state.version).toBe(7);
  });

  it("gives way to an agent.yaml that is newer, and one that cannot be believed any more to agent.yaml", async () => {
    const device = new Device();
    await device.send(pen.sign("config", device.document(7)));
    own.version = 8;
    try {
      const newer = restarted(device);
      expect(newer.state.version).toBe(8);
      expect(newer.files).toEqual([]);
    } finally {
      own.version = 3;
    }
    const other = new Device();
    other.store.beginTrial("half a mess");
    other.store.keepTrial();
    const again = restarted(other);
    expect(again.state.version).toBe(3);
    expect(again.remote.problems().map(({ code }) => code)).toEqual(["CONFIG_STORED_UNUSABLE"]);
  });
});
