import { request as httpRequest, type IncomingMessage } from "node:http";
import type { LiveEvent, User } from "@storeward/contracts";
import { createLogger, ManualClock } from "@storeward/runtime";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { HttpServer } from "../http/index.js";
import { LiveHub, migrations, routes } from "./index.js";
import { Listener, MAX_UNSENT, type Outlet } from "./listener.js";
import { KEEP_MS, prune } from "./store.js";
import type { ItemName, ItemNames, ToldEvent } from "./types.js";

const log = createLogger("test", { level: "silent" });
const user: User = { id: "0198c0de-0000-7000-8000-00000000000a", username: "viewer", role: "viewer" };
const passage = (pass: string): LiveEvent => ({
  type: "passage",
  data: {
    pass,
    readPoint: "door",
    direction: "in",
    from: null,
    to: null,
    observedAt: "2026-01-01T00:00:00.000Z",
    items: [],
    unknownTags: 1,
  },
});

/** What the catalogue knows, as long as it does. */
const cards = new Map<string, ItemName>();
const names: ItemNames = { cards: async () => cards };
const moved = (id: string): ToldEvent => {
  const item = { id, place: null, state: "unknown" as const, since: null, seenAt: null, confidence: 0 };
  return { type: "location", data: { item, from: null, observedAt: "2026-01-01T00:00:00.000Z" } };
};

let test: TestDatabase;
let hub: LiveHub;
let other: LiveHub;
let server: HttpServer;
const clock = new ManualClock();
const streams: Stream[] = [];
beforeAll(async () => {
  test = await testDatabase(migrations);
  hub = new LiveHub({ db: test.db, names, log, clock, maxListeners: 310 });
  other = new LiveHub({ db: test.db, names, log, clock });
  await hub.start();
  server = new HttpServer({
    listen: { host: "127.0.0.1", port: 0 },
    log,
    version: "1",
    authenticator: { authenticate: async (token) => (token === "viewer" ? user : undefined) },
    routes: [routes({ live: hub })],
    health: async () => ({}),
  });
  await server.start();
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.close();
});
afterAll(async () => {
  await server.stop();
  await hub.stop();
  await test.close();
});

/** An event stream as a browser reads it. */
class Stream {
  readonly events: { id: string; type: string; data: { pass?: string } }[] = [];
  lastId = "";
  comments = 0;
  ended = false;
  status = 0;
  contentType: string | undefined;
  readonly #request: ReturnType<typeof httpRequest>;
  #rest = "";

  constructor(headers: Record<string, string> = {}, query = "") {
    this.#request = httpRequest(
      {
        port: server.port,
        host: "127.0.0.1",
        path: `/api/v1/live${query}`,
        headers: { authorization: "Bearer viewer", ...headers },
      },
      (response) => this.#read(response),
    );
    this.#request.on("error", () => {
      this.ended = true;
    });
    this.#request.end();
    streams.push(this);
  }

  #read(response: IncomingMessage): void {
    this.status = response.statusCode ?? 0;
    this.contentType = response.headers["content-type"];
    response.setEncoding("utf8");
    response.on("data", (text: string) => {
      const blocks = (this.#rest + text).split("\n\n");
      this.#rest = blocks.pop() ?? "";
      for (const block of blocks) this.#block(block.split("\n"));
    });
    response.on("close", () => {
      this.ended = true;
    });
  }

  #block(lines: string[]): void {
    const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    if (lines.some((line) => line.startsWith(":"))) this.comments++;
    this.lastId = field("id") ?? this.lastId;
    const data = field("data");
    if (data !== undefined) this.events.push({ id: this.lastId, type: field("event") ?? "", data: JSON.parse(data) });
  }

  get passes(): (string | undefined)[] {
    return this.events.map(({ data }) => data.pass);
  }

  close(): void {
    this.#request.destroy();
  }
}

const until = (holds: () => boolean) => expect.poll(holds, { interval: 5 }).toBe(true);
const tell = (...events: ToldEvent[]) =>
  test.db.transaction(async (tx) => {
    for (const event of events) await hub.append(tx, event);
  });

describe("live events", () => {
  it("need a session", async () => {
    const stream = new Stream({ authorization: "Bearer nobody" });
    await until(() => stream.status !== 0);
    expect(stream.status).toBe(401);
  });

  it("reach a listener right after the commit, in order, with ids", async () => {
    const stream = new Stream();
    await until(() => stream.lastId !== "");
    expect(stream.contentType).toBe("text/event-stream; charset=utf-8");
    await tell(passage("a"), passage("b"));
    await tell(passage("c"));
    await until(() => stream.events.length === 3);
    expect(stream.passes).toEqual(["a", "b", "c"]);
    const ids = stream.events.map(({ id }) => Number(id));
    expect(ids).toEqual([ids[0]!, ids[0]! + 1, ids[0]! + 2]);
    expect(stream.events[0]?.type).toBe("passage");
  });

  it("of a transaction that rolls back reach nobody, and leave no hole", async () => {
    const stream = new Stream();
    await until(() => stream.lastId !== "");
    const before = Number(stream.lastId);
    const failing = test.db.transaction(async (tx) => {
      await hub.append(tx, passage("never"));
      throw new Error("undone");
    });
    await expect(failing).rejects.toThrow("undone");
    await tell(passage("real"));
    await until(() => stream.events.length === 1);
    expect(stream.events[0]).toMatchObject({ id: String(before + 1), data: { pass: "real" } });
  });

  it("resume after Last-Event-ID, or lastEventId, without a hole and without a repetition", async () => {
    const first = new Stream();
    await until(() => first.lastId !== "");
    await tell(passage("seen"));
    await until(() => first.events.length === 1);
    first.close();
    await tell(passage("missed-1"), passage("missed-2"));
    const [byHeader, byQuery] = [
      new Stream({ "last-event-id": first.lastId }),
      new Stream({}, `?lastEventId=${first.lastId}`),
    ];
    await until(() => byHeader.events.length >= 2 && byQuery.events.length >= 2);
    await tell(passage("next"));
    await until(() => byHeader.events.length >= 3 && byQuery.events.length >= 3);
    expect(byHeader.passes).toEqual(["missed-1", "missed-2", "next"]);
    expect(byQuery.passes).toEqual(["missed-1", "missed-2", "next"]);
  });

  it("that are no longer kept, or of another database's life, begin anew with a reset", async () => {
    const stream = new Stream({ "last-event-id": "999999" });
    await until(() => stream.events.length === 1);
    expect(stream.events[0]?.type).toBe("reset");
    await tell(passage("after"));
    await until(() => stream.events.length === 2);
    await prune(test.db, { ...clock, wall: () => clock.wall() + KEEP_MS + 1000 } as ManualClock);
    const late = new Stream({ "last-event-id": "1" });
    await until(() => late.events.length === 1);
    expect(late.events[0]?.type).toBe("reset");
    await tell(passage("x"));
    await until(() => late.events.length === 2);
  });

  it("told while a listener catches up come once", async () => {
    const start = new Stream();
    await until(() => start.lastId !== "");
    const from = start.lastId;
    const wave = Array.from({ length: 60 }, (_, n) => `wave-${n}`);
    const told = (async () => {
      for (const pass of wave) await tell(passage(pass));
    })();
    const joining = Array.from({ length: 12 }, () => new Stream({ "last-event-id": from }));
    await told;
    await until(() => joining.every((stream) => stream.events.length >= wave.length));
    for (const stream of [start, ...joining]) expect(stream.passes).toEqual(wave);
  });

  it("name an item as the catalogue does when they are sent; of one that it does not know none is", async () => {
    const [pump, gone] = ["0198c0de-0000-7000-8000-0000000000b1", "0198c0de-0000-7000-8000-0000000000b2"];
    const first = new Stream();
    await until(() => first.lastId !== "");
    cards.set(pump, { epc: "30", name: "Pump", kind: "Infusion pump" });
    await tell(moved(pump), moved(gone), passage("after"));
    await until(() => first.events.some(({ data }) => data.pass === "after"));
    expect(first.events.map(({ data }) => data)).toMatchObject([
      { item: { id: pump, epc: "30", name: "Pump", kind: "Infusion pump", state: "unknown" }, from: null },
      { pass: "after" },
    ]);
    cards.set(pump, { epc: null, name: "Old pump", kind: "Infusion pump" });
    const later = new Stream({}, `?lastEventId=${Number(first.events[0]?.id) - 1}`);
    await until(() => later.events.length >= 2);
    expect(later.events[0]?.data).toMatchObject({ item: { epc: null, name: "Old pump" } });
  });

  it("told while nobody listened are not read again for the first who does", async () => {
    await until(() => hub.listeners === 0);
    await tell(passage("unheard"));
    const stream = new Stream();
    await until(() => stream.lastId !== "");
    await tell(passage("heard"));
    await until(() => stream.events.length >= 1);
    expect(stream.passes).toEqual(["heard"]);
  });

  it("of another process come by the next look", async () => {
    const stream = new Stream();
    await until(() => stream.lastId !== "");
    await test.db.transaction(async (tx) => other.append(tx, passage("elsewhere")));
    await clock.advance(1000);
    await until(() => stream.events.length === 1);
  });

  it("reach three hundred listeners", async () => {
    const many = Array.from({ length: 300 }, () => new Stream());
    await until(() => many.every((stream) => stream.lastId !== ""));
    await tell(passage("to-all"));
    await until(() => many.every((stream) => stream.events.length === 1));
    expect(hub.listeners).toBeGreaterThanOrEqual(300);
    const tooMany = Array.from({ length: 30 }, () => new Stream());
    await until(() => tooMany.some((stream) => stream.status === 503));
    for (const stream of [...many, ...tooMany]) stream.close();
    await until(() => hub.listeners === 0);
  });

  it("a heartbeat comes while nothing happens, and a stream ends in time to show its session again", async () => {
    const stream = new Stream();
    await until(() => stream.lastId !== "");
    await clock.advance(15_000);
    await until(() => stream.comments === 1);
    expect(stream.ended).toBe(false);
    await clock.advance(600_000);
    await until(() => stream.ended);
  });
});

describe("a listener that does not take what it is sent", () => {
  it("is cut off instead of being kept in memory", () => {
    let destroyed = false;
    const outlet: Outlet = {
      write: () => undefined,
      end: () => undefined,
      destroy: () => {
        destroyed = true;
      },
      unsent: MAX_UNSENT + 1,
      onClose: () => undefined,
      drained: async () => undefined,
    };
    const listener = new Listener(outlet, Number.POSITIVE_INFINITY);
    listener.offer({ pos: 1, text: "x" });
    expect(destroyed).toBe(true);
    expect(listener.ended).toBe(true);
  });
});

describe("the end of the service", () => {
  it("ends every stream", async () => {
    const stream = new Stream();
    await until(() => stream.lastId !== "");
    await server.stop();
    await until(() => stream.ended);
  });
});
