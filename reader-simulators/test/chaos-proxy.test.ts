import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { ChaosSchedule, Toxic } from "@storeward/contracts";
import { createLogger, systemClock } from "@storeward/runtime";
import { afterEach, describe, expect, it } from "vitest";
import { ChaosProxy } from "../src/faults/chaos-proxy.js";
import { HELD_BYTES } from "../src/faults/flow.js";

const log = createLogger("test", { level: "silent" });
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A server that sends back what it gets, and remembers its connections. */
class Echo {
  readonly sockets = new Set<Socket>();
  readonly #server: Server;
  received = 0;
  /** When set, it does not read. */
  isStuck = false;

  private constructor() {
    this.#server = createServer((socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
      socket.on("error", () => undefined);
      if (this.isStuck) return void socket.pause();
      socket.on("data", (bytes) => {
        this.received += bytes.length;
        socket.write(bytes);
      });
    });
  }

  static async start(): Promise<Echo> {
    const echo = new Echo();
    echo.#server.listen(0, "127.0.0.1");
    await once(echo.#server, "listening");
    stops.push(() => {
      for (const socket of echo.sockets) socket.destroy();
      echo.#server.close();
    });
    return echo;
  }

  get to() {
    const address = this.#server.address();
    return { host: "127.0.0.1", port: typeof address === "object" && address !== null ? address.port : 0 };
  }
}

async function proxyTo(to: { host: string; port: number }, schedule?: ChaosSchedule): Promise<ChaosProxy> {
  const proxy = new ChaosProxy({ listen: 0, to, schedule, clock: systemClock, log });
  await proxy.start();
  stops.push(() => proxy.stop());
  return proxy;
}

interface Client {
  readonly socket: Socket;
  readonly bytes: () => Buffer;
  /** The error's code, "end", or undefined while it is open. */
  readonly ended: () => string | undefined;
}

async function clientOf({ port }: ChaosProxy): Promise<Client> {
  const socket = connect(port, "127.0.0.1");
  stops.push(() => socket.destroy());
  const chunks: Buffer[] = [];
  let ended: string | undefined;
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", (error: NodeJS.ErrnoException) => {
    ended ??= error.code ?? error.message;
  });
  socket.on("close", () => {
    ended ??= "end";
  });
  await once(socket, "connect");
  return { socket, bytes: () => Buffer.concat(chunks), ended: () => ended };
}

const numbered = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) % 256));
const soon = { interval: 5 };

async function echoed(proxy: ChaosProxy, sent: Buffer): Promise<number> {
  const client = await clientOf(proxy);
  const begun = performance.now();
  client.socket.write(sent);
  await expect.poll(() => client.bytes().length, soon).toBe(sent.length);
  expect(client.bytes().equals(sent)).toBe(true);
  return performance.now() - begun;
}

async function refused({ port }: ChaosProxy): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    socket.once("connect", () => resolve("connected"));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    socket.once("close", () => socket.destroy());
  });
}

describe("a proxy in good weather", () => {
  it("passes every byte unaltered and in order, both ways, and the end of each side", async () => {
    const echo = await Echo.start();
    const proxy = await proxyTo(echo.to);
    await echoed(proxy, numbered(1_000_000));
    const client = await clientOf(proxy);
    client.socket.end(numbered(1_000));
    await expect.poll(() => client.ended(), soon).toBe("end");
    expect(client.bytes().length).toBe(1_000);
    await expect
      .poll(() => proxy.counters, soon)
      .toMatchObject({
        connections: 2,
        bytes: { "to-server": { received: 1_001_000, delivered: 1_001_000, swallowed: 0 } },
      });
  });

  it("resets a client whose server is not there", async () => {
    const client = await clientOf(await proxyTo({ host: "127.0.0.1", port: 1 }));
    await expect.poll(() => client.ended(), soon).toBe("ECONNRESET");
  });
});

describe("a toxic", () => {
  it.each<{ name: string; toxics: Toxic[]; bytes: number; least: number }>([
    {
      name: "latency is paid each way",
      toxics: [{ kind: "latency", ms: 60, jitterMs: 20 }],
      bytes: 10_000,
      least: 120,
    },
    {
      name: "latency of one way once",
      toxics: [{ kind: "latency", ms: 60, direction: "to-client" }],
      bytes: 10,
      least: 60,
    },
    { name: "bandwidth", toxics: [{ kind: "bandwidth", bytesPerSecond: 50_000 }], bytes: 10_000, least: 190 },
    {
      name: "slices",
      toxics: [{ kind: "slicer", bytes: 3, pauseMs: 1, direction: "to-server" }],
      bytes: 300,
      least: 95,
    },
    {
      name: "all of them",
      toxics: [
        { kind: "slicer", bytes: 40 },
        { kind: "bandwidth", bytesPerSecond: 100_000 },
        { kind: "latency", ms: 10, jitterMs: 30 },
      ],
      bytes: 20_000,
      least: 200,
    },
  ])("$name: late, whole and in order", async ({ toxics, bytes, least }) => {
    const proxy = await proxyTo((await Echo.start()).to);
    proxy.set(toxics);
    expect(await echoed(proxy, numbered(bytes))).toBeGreaterThanOrEqual(least);
  });

  it("black hole swallows, closes nothing, and ends what it has holed with the first byte afterwards", async () => {
    const echo = await Echo.start();
    const proxy = await proxyTo(echo.to);
    const before = await clientOf(proxy);
    before.socket.write("a");
    await expect.poll(() => before.bytes().toString(), soon).toBe("a");
    proxy.set([{ kind: "black-hole" }]);
    const during = await clientOf(proxy);
    before.socket.write("lost");
    during.socket.write("lost");
    await expect.poll(() => proxy.counters.bytes["to-server"].swallowed, soon).toBe(8);
    await wait(100);
    expect([before.ended(), during.ended(), echo.received]).toEqual([undefined, undefined, 1]);
    proxy.set([]);
    await wait(50);
    expect([before.ended(), during.ended()]).toEqual([undefined, undefined]);
    before.socket.write("b");
    during.socket.write("b");
    await expect.poll(() => [before.ended(), during.ended()], soon).toEqual(["ECONNRESET", "ECONNRESET"]);
    await expect.poll(() => echo.sockets.size, soon).toBe(0);
    expect(echo.received).toBe(1);
    await echoed(proxy, numbered(100));
  });

  it("black hole of one way lets the other pass", async () => {
    const echo = await Echo.start();
    const proxy = await proxyTo(echo.to);
    const client = await clientOf(proxy);
    proxy.set([{ kind: "black-hole", direction: "to-client" }]);
    client.socket.write("heard");
    await expect.poll(() => proxy.counters.bytes["to-client"].swallowed, soon).toBe(5);
    expect([echo.received, client.bytes().length]).toEqual([5, 0]);
  });

  it("black hole keeps the news that a client is gone, until it is over", async () => {
    const echo = await Echo.start();
    const proxy = await proxyTo(echo.to);
    const client = await clientOf(proxy);
    await expect.poll(() => echo.sockets.size, soon).toBe(1);
    proxy.set([{ kind: "black-hole" }]);
    client.socket.destroy();
    await wait(100);
    expect(echo.sockets.size).toBe(1);
    proxy.set([]);
    await expect.poll(() => echo.sockets.size, soon).toBe(0);
    expect(proxy.counters.open).toBe(0);
  });

  it("reset ends what is open and what comes, on both sides", async () => {
    const echo = await Echo.start();
    const proxy = await proxyTo(echo.to);
    const before = await clientOf(proxy);
    await expect.poll(() => echo.sockets.size, soon).toBe(1);
    proxy.set([{ kind: "reset" }]);
    await expect.poll(() => [before.ended(), echo.sockets.size], soon).toEqual(["ECONNRESET", 0]);
    // A client may hear of it before it has heard that it was connected.
    const during = await clientOf(proxy).catch((error: NodeJS.ErrnoException) => ({ ended: () => error.code }));
    await expect.poll(() => during.ended(), soon).toBe("ECONNRESET");
    proxy.set([]);
    await echoed(proxy, numbered(100));
  });

  it("down ends what is open and refuses, and the same port listens again afterwards", async () => {
    const proxy = await proxyTo((await Echo.start()).to);
    const { port } = proxy;
    const before = await clientOf(proxy);
    proxy.set([{ kind: "down" }]);
    await expect.poll(() => before.ended(), soon).toBeDefined();
    expect(await refused(proxy)).toBe("ECONNREFUSED");
    proxy.set([]);
    await expect.poll(() => refused(proxy), soon).toBe("connected");
    await echoed(proxy, numbered(100));
    expect(proxy.port).toBe(port);
  });
});

describe("a proxy", () => {
  it("holds a bounded part of what a server does not take, and lets the client wait", async () => {
    const echo = await Echo.start();
    echo.isStuck = true;
    const proxy = await proxyTo(echo.to);
    proxy.set([{ kind: "latency", ms: 20 }]);
    const client = await clientOf(proxy);
    const chunk = Buffer.alloc(64 * 1024);
    for (let i = 0; i < 1_000; i++) client.socket.write(chunk);
    await wait(500);
    expect(client.socket.writableLength).toBeGreaterThan(20_000_000);
    const { heldPeak } = proxy.counters.bytes["to-server"];
    expect(heldPeak).toBeGreaterThanOrEqual(HELD_BYTES);
    expect(heldPeak).toBeLessThanOrEqual(HELD_BYTES + 64 * 1024);
  });

  it("follows its schedule by itself", async () => {
    const echo = await Echo.start();
    const proxy = await proxyTo(echo.to, {
      seed: 1,
      steps: [
        { after: 500, for: 2_000, toxic: { kind: "down" } },
        { after: 2_600, for: 100, toxic: { kind: "reset" } },
      ],
    });
    await echoed(proxy, numbered(10));
    await expect.poll(() => refused(proxy), soon).toBe("ECONNREFUSED");
    await expect.poll(() => proxy.counters.begun, soon).toEqual({ down: 1, reset: 1 });
    await expect.poll(() => proxy.toxics, soon).toEqual([]);
    await echoed(proxy, numbered(10));
  });

  it("forgets a connection right after what it was told to wait for, and those that are open: they stay open and dumb, new ones are well", async () => {
    const echo = await Echo.start();
    const proxy = await proxyTo(echo.to);
    const [first, second] = [await clientOf(proxy), await clientOf(proxy)];
    const seen = proxy.forgetAfter("COMMIT");
    second.socket.write("BEGIN");
    await expect.poll(() => second.bytes().toString(), soon).toBe("BEGIN");
    second.socket.write("COMMIT");
    await seen;
    // The server has it, and its answer is not passed on; nor is anything else.
    await expect.poll(() => echo.received, soon).toBe(11);
    second.socket.write("more");
    first.socket.write("hello");
    await expect.poll(() => first.bytes().toString(), soon).toBe("hello");
    proxy.forget();
    first.socket.write("lost");
    await echoed(proxy, numbered(1_000));
    await expect.poll(() => proxy.counters.bytes["to-server"].swallowed, soon).toBe(8);
    expect([first, second].map(({ bytes, ended }) => [bytes().toString(), ended()])).toEqual([
      ["hello", undefined],
      ["BEGIN", undefined],
    ]);
  });

  it("names the option when its port is taken", async () => {
    const echo = await Echo.start();
    const proxy = new ChaosProxy({ listen: echo.to.port, to: echo.to, clock: systemClock, log });
    await expect(proxy.start()).rejects.toMatchObject({ code: "PORT_TAKEN" });
  });

  it("frees every socket and timer when it is stopped in the middle", async () => {
    const echo = await Echo.start();
    const timers = new Set<object>();
    const clock = {
      ...systemClock,
      after: (ms: number, fn: () => void) => {
        const timer = systemClock.after(ms, () => {
          timers.delete(timer);
          fn();
        });
        const stop = () => {
          timers.delete(timer);
          timer.stop();
        };
        timers.add(timer);
        return { stop };
      },
    };
    const steps = [{ after: 60_000, toxic: { kind: "down" as const } }];
    const proxy = new ChaosProxy({ listen: 0, to: echo.to, schedule: { seed: 1, steps }, clock, log });
    await proxy.start();
    proxy.set([{ kind: "latency", ms: 10_000 }]);
    const clients = await Promise.all([clientOf(proxy), clientOf(proxy)]);
    for (const { socket } of clients) socket.write(numbered(1_000));
    await expect.poll(() => proxy.counters.bytes["to-server"].received, soon).toBe(2_000);
    await proxy.stop();
    expect(timers.size).toBe(0);
    await expect
      .poll(() => [clients.every(({ ended }) => ended() !== undefined), echo.sockets.size], soon)
      .toEqual([true, 0]);
    expect([await refused(proxy), proxy.counters.open]).toEqual(["ECONNREFUSED", 0]);
  });
});
