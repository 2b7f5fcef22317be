import { spawnSync } from "node:child_process";
import { request } from "node:http";
import { connect } from "node:net";
import { createLogger, ManualClock } from "@storeward/runtime";
import { afterEach, describe, expect, it } from "vitest";
import type { DeviceFacts } from "./facts.js";
import { healthOf, stuckOf } from "./health.js";
import { html } from "./html.js";
import { metricsOf } from "./metrics.js";
import { pageOf } from "./page.js";
import { StatusServer } from "./server.js";

const log = createLogger("test", { level: "silent" });
type Readers = DeviceFacts["telemetry"]["readers"];

const readers: Readers = [
  {
    reader: "r1",
    driver: "llrp",
    model: "Reader <b>9</b>",
    state: "watching",
    since: 0,
    counters: { reconnects: 2 },
    antennas: [1, 2].map((antenna) => ({
      antenna,
      readPoint: `shelf-${antenna}`,
      state: "watching",
      reads: 125,
      tags: 12,
      power: 20,
      rssiMean: -55.5,
      rssiMax: -48,
      lastRead: 59_000,
    })),
  },
];

function facts(
  more: { readers?: Readers; full?: boolean } & Partial<Omit<DeviceFacts, "telemetry">> = {},
): DeviceFacts {
  const { readers: told = readers, full = false, ...rest } = more;
  return {
    software: "storeward-edge 0.1.0",
    telemetry: {
      v: 1,
      agent: "agent-1",
      at: { boot: "b".repeat(32), mono: 60_000, wall: "2026-03-01T08:00:00.000Z" },
      readers: told,
      journal: {
        epoch: "e".repeat(32),
        head: 120,
        acked: 100,
        released: 50,
        oldest: 51,
        bytes: 5 * 1024 ** 2,
        maxBytes: 1024 ** 3,
        full,
        refused: 0,
      },
      uplink: { outstandingBytes: 10, credit: 1000, resends: 1, rejects: 0, reconnects: 3 },
      filtered: { foreign: 7, persons: 2 },
      host: { uptimeSeconds: 60, rssBytes: 90 * 1024 ** 2, freeDiskBytes: 1e9 },
    },
    configuration: { version: 4, from: "the cloud", refusal: undefined },
    uplink: { url: "mqtt://127.0.0.1:1883", connected: true, answered: true, since: 1_000 },
    clock: { offsetMs: -1_500, plusMinusMs: 20, source: "cloud" },
    oldestUnsentMs: 2_500,
    stuck: undefined,
    ...rest,
  };
}

describe("health", () => {
  it("is well while the device reads and keeps, though the cloud is away", () => {
    const away = facts({ uplink: { url: "mqtt://x", connected: false, answered: false, since: undefined } });
    expect(healthOf(facts())).toEqual({ well: true, words: [] });
    expect(healthOf(away)).toEqual({ well: true, words: ["The cloud is not connected yet."] });
  });

  it.each([
    [
      "a reader does not read",
      facts({ readers: readers.map((r) => ({ ...r, state: "blind", error: "timeout" })) }),
      /r1 is blind: timeout/,
    ],
    [
      "an antenna does not",
      facts({ readers: readers.map((r) => ({ ...r, antennas: r.antennas.map((a) => ({ ...a, state: "blind" })) })) }),
      /Antenna 1 of r1 \(shelf-1\) is blind/,
    ],
    ["the journal is full", facts({ full: true }), /journal is full/],
    ["nothing is decided any more", facts({ stuck: stuckOf({ tickMs: 20_000, journalMs: 0 }) }), /for 20 s/],
    ["the journal hangs", facts({ stuck: stuckOf({ tickMs: 0, journalMs: 20_000 }) }), /journal has not answered/],
  ] as const)("is not when %s", (_, bad, words) => {
    expect(healthOf(bad as DeviceFacts).well).toBe(false);
    expect(healthOf(bad as DeviceFacts).words[0]).toMatch(words);
  });
});

describe("the page", () => {
  it("says what is so, and lets no name of a reader become markup", () => {
    const page = pageOf(facts());
    for (const text of [
      "shelf-2",
      "12.5",
      "-55.5, -48 dBm",
      "20 rows, the oldest 3 s old",
      "2 s fast (to ± 20 ms), by cloud",
      "All is well",
    ])
      expect(page).toContain(text);
    expect(page).not.toContain("<b>9</b>");
    expect(page).toContain("&#60;b&#62;9&#60;/b&#62;");
    expect(html`<i title="${'"'}">${["a", html`<b>${"<"}</b>`, undefined, 1]}</i>`.text).toBe(
      '<i title="&#34;">a<b>&#60;</b>1</i>',
    );
  });
});

describe("metrics", () => {
  it("are what Prometheus reads, with one series an antenna", async () => {
    const text = await metricsOf(facts());
    expect(text).toContain(
      'storeward_edge_antenna_reads_per_second{reader="r1",antenna="2",read_point="shelf-2"} 12.5',
    );
    expect(text).toContain('storeward_edge_antenna_rssi_mean_dbm{reader="r1",antenna="1",read_point="shelf-1"} -55.5');
    expect(text).toContain("storeward_edge_journal_oldest_unsent_seconds 2.5");
    expect(text).toContain('storeward_edge_filtered_reads_total{kind="person"} 2');
    expect(text).toContain("storeward_edge_clock_offset_seconds -1.5");
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    for (const line of lines) expect(line).toMatch(/^storeward_edge_[a-z_]+(?:\{[^}]*\})? -?[\d.e+-]+$/);
    const names = new Set(lines.map((line) => line.replace(/[{ ].*/, "")));
    for (const name of names) expect(text).toMatch(new RegExp(`# HELP ${name} \\S`));
    expect(await metricsOf(facts({ readers: [] }))).not.toContain("reader=");
  });

  const promtool = spawnSync("promtool", ["--version"]).error === undefined;
  it.skipIf(!promtool)("pass promtool (skipped where it is not installed)", async () => {
    const checked = spawnSync("promtool", ["check", "metrics"], { input: await metricsOf(facts()), encoding: "utf8" });
    expect([checked.status, checked.stderr]).toEqual([0, ""]);
  });
});

describe("the status server", () => {
  let server: StatusServer | undefined;
  afterEach(() => server?.stop());
  const start = async (of: () => DeviceFacts = facts, clock = new ManualClock()) => {
    // Port 0 stands for any free one here; the agent does not start the server at all then.
    server = new StatusServer({ listen: { address: "127.0.0.1", port: 0 }, facts: of, clock, log });
    await server.start();
    return server;
  };
  const ask = (port: number, path: string, more: { method?: string; headers?: Record<string, string> } = {}) =>
    new Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
      request({ host: "127.0.0.1", port, path, ...more }, (answer) => {
        let body = "";
        answer.setEncoding("utf8");
        answer.on("data", (text: string) => {
          body += text;
        });
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body, headers: answer.headers }));
      })
        .on("error", reject)
        .end();
    });

  it("answers its three paths, to be read only, and nothing else", async () => {
    const { port } = await start();
    const page = await ask(port, "/");
    expect([page.status, page.body.startsWith("<!doctype html>")]).toEqual([200, true]);
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(await ask(port, "/healthz")).toMatchObject({ status: 200, body: "ok\n" });
    expect(await ask(port, "/metrics")).toMatchObject({ status: 200, body: expect.stringContaining("# HELP") });
    expect(await ask(port, "/", { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
    for (const method of ["POST", "PUT", "DELETE"]) expect((await ask(port, "/", { method })).status).toBe(405);
    for (const path of ["/../../etc/passwd", "/%2e%2e/agent.yaml", "/index.html", "/metrics/..", "//", "/?x=1"])
      expect((await ask(port, path)).status).toBe(404);
  });

  it("answers 503 with the reason when the device does not work", async () => {
    const { port } = await start(() => facts({ full: true }));
    expect(await ask(port, "/healthz")).toMatchObject({
      status: 503,
      body: expect.stringMatching(/^not well\nThe journal is full/),
    });
  });

  it("on loopback is told to no page whose name only pretends to be this device", async () => {
    const { port } = await start();
    expect((await ask(port, "/", { headers: { host: "evil.example:8090" } })).status).toBe(403);
    expect((await ask(port, "/", { headers: { host: `localhost:${port}` } })).status).toBe(200);
  });

  it("finds things out at most twice a second, however often it is asked", async () => {
    let looked = 0;
    const clock = new ManualClock();
    const { port } = await start(() => {
      looked++;
      return facts();
    }, clock);
    for (let n = 0; n < 20; n++) await ask(port, "/healthz");
    expect(looked).toBe(1);
    await clock.advance(600);
    await ask(port, "/healthz");
    expect(looked).toBe(2);
  });

  it("is stopped by no connection that says nothing", async () => {
    const { port } = await start();
    const socket = connect(port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.write("GET / HT");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined);
    await server?.stop();
    await closed;
  });

  it("keeps no device from reading when its port is taken, says so, and has it as soon as it is free", async () => {
    const first = await start();
    const clock = new ManualClock();
    const second = new StatusServer({ listen: { address: "127.0.0.1", port: first.port }, facts, clock, log });
    await second.start();
    expect(second.problems()).toMatchObject([
      { code: "STATUS_NOT_LISTENING", message: expect.stringMatching(/status\.port/) },
    ]);
    await first.stop();
    await clock.advance(31_000);
    for (const end = Date.now() + 40_000; second.port === 0 && Date.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect([second.problems(), second.port > 0]).toEqual([[], true]);
    await second.stop();
  });
});
