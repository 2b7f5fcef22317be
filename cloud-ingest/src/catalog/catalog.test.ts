import { encodeSgtin96 } from "@storeward/codecs/epc";
import type { Item, ItemDetail, ItemState, NewItem, Site, User } from "@storeward/contracts";
import { createLogger } from "@storeward/runtime";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { migrations as auditMigrations } from "../audit/index.js";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { createHttp } from "../http/index.js";
import { Journal, migrations as journalMigrations } from "../journal/index.js";
import type { PreliminaryPlace, WhereAbouts, Whereabout } from "../locations/index.js";
import { Places, migrations as placeMigrations } from "../places/index.js";
import { TagActs, Tags, migrations as tagMigrations, routes as tagRoutes } from "../tags/index.js";
import { ItemBook, migrations, routes, Troubles } from "./index.js";

const site: Site = {
  site: { id: "mercy", name: "Mercy", timeZone: "UTC", locale: "en", dayStarts: "00:00" },
  places: [
    { id: "mercy", name: "Mercy", type: "site" },
    { id: "store", name: "Store", type: "room", parent: "mercy", position: [0, 0], neighbours: ["ward"] },
    { id: "shelf", name: "Shelf", type: "shelf", parent: "store", position: [1, 0] },
    { id: "ward", name: "Ward", type: "room", parent: "mercy", position: [20, 0] },
  ],
  readPoints: [],
  readers: [],
  agents: [],
};

/** Where things are, as told by a test; the view is what the catalogue joins. */
class ToldWhereabouts implements WhereAbouts {
  readonly told = new Map<string, Whereabout>();
  async of(_sql: unknown, items: readonly string[]) {
    const nowhere: Whereabout = {
      placeId: null,
      state: "unknown",
      since: null,
      seenAt: null,
      confidence: 0,
      alternatives: [],
      why: "never seen",
    };
    return new Map(items.map((item) => [item, this.told.get(item) ?? nowhere]));
  }
  async count(sql: unknown, groupOf: ReadonlyMap<string, string>) {
    const counts = new Map<string, { group: string; placeId: string | null; state: ItemState; count: number }>();
    for (const [item, { placeId, state }] of await this.of(sql, [...groupOf.keys()])) {
      const group = groupOf.get(item)!;
      const key = `${group} ${placeId} ${state}`;
      counts.set(key, { group, placeId, state, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    return [...counts.values()];
  }
  async countByPlace() {
    return new Map();
  }
}

let database: TestDatabase;
let places: Places;
let whereabouts: ToldWhereabouts;
const seenNow = new Map<string, PreliminaryPlace>();
const watch = { watchedSeconds: async (_: unknown, asked: readonly unknown[]) => asked.map(() => watchedSeconds) };
let watchedSeconds: number | undefined;
const preliminary = { of: async () => seenNow };
let app: FastifyInstance;
beforeAll(async () => {
  const view = {
    id: "0071-whereabout",
    sql: `create table item_whereabout (item uuid primary key, place uuid, state_base text, since timestamptz, seen_at timestamptz, p float8)`,
  };
  database = await testDatabase([
    ...journalMigrations,
    ...placeMigrations,
    ...tagMigrations,
    ...migrations,
    ...auditMigrations,
    view,
  ]);
  const { db } = database;
  const log = createLogger("test", { level: "silent" });
  places = new Places({ db, log });
  await places.sync(site);
  whereabouts = new ToldWhereabouts();
  const cards = new ItemBook();
  const acts = new TagActs({ tags: new Tags(), journal: new Journal(), items: cards });
  const user = (role: User["role"]): User => ({ id: "0198c0de-0000-7000-8000-00000000000a", username: role, role });
  app = await createHttp({
    listen: { host: "127.0.0.1", port: 0 },
    log,
    version: "0",
    authenticator: { authenticate: async (token) => (token === "a" ? user("administrator") : user("viewer")) },
    routes: [routes({ db, places, whereabouts, cards, acts, preliminary, watch }), tagRoutes({ db, acts })],
    health: async () => ({}),
  });
});
afterAll(async () => {
  await app.close();
  await database.close();
});
beforeEach(async () => {
  await database.db.query(
    "truncate item_version, item, kind_rule, item_whereabout, unknown_tag, tag_act, tag_assignment, tag, journal",
  );
  whereabouts.told.clear();
  seenNow.clear();
});

const get = async (path: string) =>
  (await app.inject({ url: `/api/v1${path}`, headers: { authorization: "Bearer v" } })).json();
const post = (path: string, payload: object, token = "a") =>
  app.inject({ method: "POST", url: `/api/v1${path}`, headers: { authorization: `Bearer ${token}` }, payload });
const create = async (item: Partial<NewItem>): Promise<ItemDetail> => {
  const answer = await post("/items", { name: "Pump", kind: "Infusion pump", ...item });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json();
};
const idOf = (code: string) => places.byCode(code)!.id;
const put = async (
  item: { id: string },
  place: string,
  state: ItemState = "here",
  seenAt = "2026-01-01T00:00:00.000Z",
) => {
  const placeId = idOf(place);
  whereabouts.told.set(item.id, {
    placeId,
    state,
    since: new Date(seenAt),
    seenAt: new Date(seenAt),
    confidence: 0.9,
    alternatives: [],
    why: "seen",
  });
  await database.db.query("insert into item_whereabout values ($1, $2, $3, $4, $4, 0.9)", [
    item.id,
    placeId,
    state === "unknown" ? "here" : state,
    seenAt,
  ]);
};
const names = async (query: string) => ((await get(`/items${query}`)).items as Item[]).map(({ name }) => name);
const GTIN = "09506000134352";
const sgtin = (serial: string) => encodeSgtin96({ gtin: GTIN, serial, companyPrefixLength: 11, filter: 1 });

describe("trouble", () => {
  const rules = (payload: object, token = "a") =>
    app.inject({ method: "PUT", url: "/api/v1/kinds/rules", headers: { authorization: `Bearer ${token}` }, payload });
  const named = async (trouble: string) => names(`?trouble=${trouble}`);

  it("is told of what is for long where its kind may not be, with where it belongs, until it is back", async () => {
    const rule = { kind: "infusion pump", allowedPlaces: ["store"], homePlaces: ["shelf"] };
    expect((await rules({ rules: [rule] })).statusCode).toBe(200);
    const [right, wrong, fresh, other] = [
      await create({ name: "right" }),
      await create({ name: "wrong" }),
      await create({ name: "fresh" }),
      await create({ name: "other", kind: "Wheelchair" }),
    ];
    await put(right, "shelf");
    await put(wrong, "ward");
    await put(fresh, "ward", "here", new Date(Date.now() - 60_000).toISOString());
    await put(other, "ward");
    expect(await named("wrong-place")).toEqual(["wrong"]);
    expect(await get("/items/troubles")).toEqual({ wrongPlace: 1, missing: 0 });
    expect((await get(`/items/${wrong.id}`)).trouble).toMatchObject({
      wrongPlace: { since: "2026-01-01T00:00:00.000Z", expected: [{ code: "shelf" }] },
    });
    expect((await get(`/items/${right.id}`)).trouble).toBeUndefined();
    const marked = (await get("/items")).items as Item[];
    expect(marked.filter(({ trouble }) => trouble !== undefined).map(({ name }) => name)).toEqual(["wrong"]);
    const troubles = new Troubles({ places, whereabouts, watch });
    expect(await troubles.countByKind(database.db)).toEqual([
      { kind: expect.stringMatching(/^infusion pump$/i), items: 3, wrongPlace: 1, missing: 0 },
    ]);
    await rules({ rules: [{ kind: "Infusion pump", allowedPlaces: ["mercy"] }] });
    expect(await named("wrong-place")).toEqual([]);
  });

  it("is told of what is not seen where it belongs while that is watched, and of nothing where it is not", async () => {
    await rules({ rules: [{ kind: "Infusion pump", homePlaces: ["shelf"] }] });
    const [gone, never, home] = [
      await create({ name: "gone" }),
      await create({ name: "never" }),
      await create({ name: "home" }),
    ];
    await put(gone, "ward", "left");
    await put(home, "shelf");
    watchedSeconds = 7_200;
    expect(await named("missing")).toEqual(["gone"]);
    expect((await get(`/items/${gone.id}`)).trouble).toMatchObject({
      missing: { watchedSeconds: 7_200, lastPlace: { code: "ward" }, expected: [{ code: "shelf" }] },
    });
    expect((await get(`/items/${never.id}`)).trouble).toBeUndefined();
    watchedSeconds = undefined;
    expect(await named("missing")).toEqual([]);
    expect(await get("/items/troubles")).toEqual({ wrongPlace: 0, missing: 0 });
  });

  it("goes by rules that name places of the site, set by administrators", async () => {
    expect((await rules({ rules: [{ kind: "Pump", allowedPlaces: ["moon"] }] })).json()).toMatchObject({
      status: 422,
      code: "PLACE_UNKNOWN",
    });
    expect((await rules({ rules: [] }, "v")).statusCode).toBe(403);
    await rules({ rules: [{ kind: "Pump", allowedPlaces: ["store"], wrongPlaceAfter: 60 }] });
    expect(await get("/kinds/rules")).toEqual({
      rules: [{ kind: "Pump", allowedPlaces: ["store"], homePlaces: [], wrongPlaceAfter: 60, missingAfter: 1800 }],
    });
    await rules({ rules: [{ kind: "pump" }] });
    expect(await get("/kinds/rules")).toEqual({ rules: [] });
  });
});

describe("an item", () => {
  it("is made with its tag, and told with all that is known of it", async () => {
    const answer = await post("/items", { name: "Stent 3×18", kind: "Implant", epc: sgtin("77"), home: "shelf" });
    const detail: ItemDetail = answer.json();
    expect(answer.headers.location).toBe(`/api/v1/items/${detail.id}`);
    expect(await get(`/items/${detail.id}`)).toEqual(detail);
    expect(detail).toMatchObject({
      epc: sgtin("77"),
      gtin: GTIN,
      serial: "77",
      giai: null,
      state: "unknown",
      place: null,
      homePlace: { code: "shelf", path: "Mercy / Store / Shelf" },
      why: "never seen",
      tags: [{ epc: sgtin("77"), uri: "urn:epc:id:sgtin:95060001343.05.77", validTo: null, boundBy: "administrator" }],
      links: { history: `/api/v1/items/${detail.id}/history` },
    });
    const audited = await database.db.query<{ action: string }>(
      "select action, detail from audit_entry order by pos desc limit 2",
    );
    expect(audited.map(({ action }) => action)).toEqual(["tag.bound", "item.created"]);
    expect(JSON.stringify(audited)).not.toContain(sgtin("77"));
  });

  it("is not made twice, nor by viewers, nor with a tag of another thing", async () => {
    const pump = await create({ epc: "AA01" });
    expect((await post("/items", { name: "x", kind: "y", epc: "AA01" })).json()).toMatchObject({
      status: 409,
      code: "ITEM_EXISTS",
      detail: expect.stringContaining(pump.id),
    });
    expect((await post("/items", { name: "x", kind: "y" }, "v")).statusCode).toBe(403);
    expect((await post("/items", { name: "x", kind: "y", home: "moon" })).json()).toMatchObject({
      status: 422,
      code: "HOME_UNKNOWN",
      detail: "moon is no place of this site",
    });
    expect((await get("/items/0198c0de-0000-7000-8000-00000000000f")).code).toBe("ITEM_NOT_FOUND");
    expect((await get("/items/pump")).code).toBe("REQUEST_INVALID");
    expect((await get("/items")).items).toHaveLength(1);
  });

  it("takes tags, and refuses those of another product or item", async () => {
    const stent = await create({ name: "Stent", gtin: GTIN, epc: sgtin("1") });
    const pump = await create({ epc: "AA01" });
    const tag = (item: { id: string }, act: string, epc: string) => post(`/items/${item.id}/tags`, { act, epc });
    expect(
      (await tag(stent, "replace", sgtin("2")))
        .json()
        .tags.map((one: { epc: string; validTo: string }) => [one.epc, one.validTo === null]),
    ).toEqual([
      [sgtin("2"), true],
      [sgtin("1"), false],
    ]);
    expect((await get(`/items/${stent.id}`)).epc).toBe(sgtin("2"));
    const other = encodeSgtin96({ gtin: "00614141999996", serial: "2", companyPrefixLength: 7, filter: 1 });
    expect((await tag(stent, "bind", other)).json()).toMatchObject({
      status: 422,
      code: "EPC_OF_OTHER_PRODUCT",
      detail: `EPC ${other} is of GTIN 00614141999996, the item of GTIN ${GTIN}`,
    });
    expect((await tag(pump, "bind", sgtin("2"))).json()).toMatchObject({
      status: 409,
      code: "TAG_ON_OTHER_ITEM",
      detail: expect.stringContaining(`Stent (item ${stent.id})`),
    });
    expect((await tag({ id: "0198c0de-0000-7000-8000-00000000000f" }, "retire", "AA01")).json()).toMatchObject({
      status: 404,
    });
    expect((await tag(pump, "retire", "AA01")).statusCode).toBe(200);
    expect((await get(`/items/${pump.id}`)).epc).toBeNull();
    expect((await post(`/items/${pump.id}/tags`, { act: "bind", epc: "AA01" }, "v")).statusCode).toBe(403);
  });
});

describe("finding items", () => {
  it("by the beginnings of words in any order, without case and accents, and by numbers", async () => {
    await create({ name: "Pompe à perfusion 7", kind: "Infusion pump", epc: "AA01BB02" });
    await create({ name: "Stent", kind: "Implant", epc: sgtin("4711") });
    await create({ name: "Wheelchair 12", kind: "Wheelchair", giai: "950600017X" });
    const found: Record<string, string[]> = {};
    for (const q of [
      "POMPE",
      "perf pomp",
      "pérfusion",
      "infus",
      "7",
      "wheel 12",
      "aa01b",
      "9506000134352",
      "4711",
      sgtin("4711").toLowerCase(),
      "950600017x",
      "erfusion",
      "pompe stent",
      "'; drop table item --",
      "%",
      "___",
    ])
      found[q] = await names(`?q=${encodeURIComponent(q)}`);
    expect(found).toEqual({
      POMPE: ["Pompe à perfusion 7"],
      "perf pomp": ["Pompe à perfusion 7"],
      pérfusion: ["Pompe à perfusion 7"],
      infus: ["Pompe à perfusion 7"],
      "7": ["Pompe à perfusion 7"],
      "wheel 12": ["Wheelchair 12"],
      aa01b: ["Pompe à perfusion 7"],
      "9506000134352": ["Stent"],
      "4711": ["Stent"],
      [sgtin("4711").toLowerCase()]: ["Stent"],
      "950600017x": ["Wheelchair 12"],
      erfusion: [],
      "pompe stent": [],
      "'; drop table item --": [],
      "%": [],
      ___: [],
    });
    expect(await names("?q=")).toHaveLength(3);
  });

  it("brings what can be fetched first, the nearest first, and the unknown last, with where it was", async () => {
    const at = async (name: string, ...where: [string, ItemState?, string?] | []) => {
      const item = await create({ name });
      if (where.length > 0) await put(item, ...(where as [string]));
    };
    await at("A far", "ward");
    await at("B lost long ago", "shelf", "unknown", "2026-01-01T00:00:00.000Z");
    await at("C never seen");
    await at("D gone out", "ward", "left");
    await at("E near", "shelf");
    await at("F lost just now", "ward", "unknown", "2026-01-05T00:00:00.000Z");
    await at("G on its way", "store", "moving");
    const order = [
      "G on its way",
      "E near",
      "A far",
      "D gone out",
      "F lost just now",
      "B lost long ago",
      "C never seen",
    ];
    expect(await names(`?q=pump&near=${idOf("store")}`)).toEqual(order);
    expect((await names(`?q=pump&near=${idOf("ward")}`)).slice(0, 3)).toEqual(["A far", "G on its way", "E near"]);
    expect((await get("/items?kind=infusion%20PUMP")).items).toHaveLength(7);
    expect((await get("/items?kind=infusion")).items).toHaveLength(0);
    const lost = (await get(`/items?q=pump&near=${idOf("store")}`)).items[4];
    expect(lost).toMatchObject({ state: "unknown", seenAt: "2026-01-05T00:00:00.000Z", place: { name: "Ward" } });

    const paged: string[] = [];
    for (let cursor = ""; ; ) {
      const { items, next } = await get(`/items?q=pump&limit=2&near=${idOf("store")}${cursor}`);
      paged.push(...items.map(({ name }: Item) => name));
      if (next === null) break;
      cursor = `&cursor=${next}`;
    }
    expect(paged).toEqual(order);
  });

  it("in a place and everything below it", async () => {
    await put(await create({ name: "On the shelf" }), "shelf");
    await put(await create({ name: "In the ward" }), "ward");
    await create({ name: "Nowhere" });
    expect(await names(`?place=${idOf("store")}`)).toEqual(["On the shelf"]);
    expect(await names(`?place=${idOf("mercy")}`)).toEqual(["In the ward", "On the shelf"]);
    expect((await get(`/items?place=0198c0de-0000-7000-8000-00000000000f`)).code).toBe("PLACE_NOT_FOUND");
  });

  it("tells beside it what its gateway sees now where that says something new, and only there", async () => {
    const pump = await create({ name: "Pump 9" });
    await put(pump, "shelf", "here", "2026-01-01T10:00:00.000Z");
    const listed = async () => ((await get("/items?q=pump")).items as Item[])[0]?.preliminary;
    const sees = (place: string, asOf: string) => seenNow.set(pump.id, { placeId: idOf(place), asOf: new Date(asOf) });
    expect(await listed()).toBeUndefined();
    sees("ward", "2026-01-01T10:05:00.000Z");
    expect(await listed()).toMatchObject({ place: { code: "ward" }, asOf: "2026-01-01T10:05:00.000Z" });
    expect((await get(`/items/${pump.id}`)).preliminary).toEqual(await listed());
    sees("ward", "2026-01-01T09:55:00.000Z");
    expect(await listed()).toBeUndefined();
    sees("shelf", "2026-01-01T10:05:00.000Z");
    expect(await listed()).toBeUndefined();
  });

  it("page by page, by name, each once", async () => {
    const items = Array.from({ length: 23 }, (_, i) => ({ name: `Bed ${i}`, kind: "Bed" }));
    await post("/items/import", { items });
    const seen: string[] = [];
    for (let cursor = ""; ; ) {
      const page = await get(`/items?limit=10${cursor}`);
      seen.push(...page.items.map(({ name }: Item) => name));
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    expect(seen).toEqual(items.map(({ name }) => name));
    expect((await get("/items?cursor=WzFd")).code).toBe("CURSOR_UNREADABLE");
  });
});

describe("kinds", () => {
  it("tell how many are where, what can be fetched first and the nearest first", async () => {
    const at = async (kind: string, ...where: [string, ItemState?] | []) => {
      const item = await create({ name: "x", kind });
      if (where.length > 0) await put(item, ...(where as [string]));
    };
    await at("Infusion pump", "ward");
    await at("infusion pump", "ward");
    await at("Infusion Pump", "shelf");
    await at("Infusion pump");
    await at("Syringe pump", "shelf", "unknown");
    await at("Bed", "shelf");
    const { kinds } = await get(`/kinds?q=pump&near=${idOf("store")}`);
    expect(kinds).toHaveLength(2);
    expect(kinds[0].total).toBe(4);
    expect(
      kinds[0].places.map((row: { place: { code: string } | null; state: string; count: number }) => [
        row.place?.code,
        row.state,
        row.count,
      ]),
    ).toEqual([
      ["shelf", "here", 1],
      ["ward", "here", 2],
      [undefined, "unknown", 1],
    ]);
    expect((await get("/kinds")).kinds.map(({ kind }: { kind: string }) => kind)).toEqual([
      "Bed",
      expect.stringMatching(/^infusion pump$/i),
      "Syringe pump",
    ]);
    expect((await get("/kinds?q=PUMP%20inf")).kinds).toHaveLength(1);
    expect((await get("/kinds?q=--")).kinds).toEqual([]);
  });
});

describe("an import", () => {
  const list = (n: number): NewItem[] =>
    Array.from({ length: n }, (_, i) => ({
      name: `Pump ${i}`,
      kind: "Infusion pump",
      epc: `AA${String(i).padStart(6, "0")}`,
      home: "shelf",
    }));
  const load = async (items: NewItem[], dryRun?: boolean) =>
    (await post("/items/import", { items, ...(dryRun && { dryRun }) })).json();

  it("done twice is as done once", async () => {
    expect(await load(list(5), true)).toEqual({ created: 5, changed: 0, unchanged: 0, errors: [] });
    expect((await get("/items")).items).toEqual([]);
    expect(await load(list(5))).toEqual({ created: 5, changed: 0, unchanged: 0, errors: [] });
    expect(await load(list(6))).toEqual({ created: 1, changed: 0, unchanged: 5, errors: [] });
    const renamed = list(6).map((item, i) => (i === 2 ? { ...item, name: "Renamed", home: "ward" } : item));
    expect(await load(renamed)).toEqual({ created: 0, changed: 1, unchanged: 5, errors: [] });
    expect(await names("?q=renamed")).toEqual(["Renamed"]);
    const [line] = await database.db.query<{ detail: object }>(
      "select detail from audit_entry where action = 'item.changed' order by pos desc limit 1",
    );
    expect(line?.detail).toEqual({
      name: { from: "Pump 2", to: "Renamed" },
      homePlace: { from: idOf("shelf"), to: idOf("ward") },
    });
    expect(await database.db.query("select from tag_assignment")).toHaveLength(6);
  });

  it("sets the rules of kinds with its things, or neither", async () => {
    const rules = [{ kind: "Infusion pump", homePlaces: ["shelf"] }];
    const kindRules = async () => (await get("/kinds/rules")).rules;
    const bad = { rules: [{ kind: "Infusion pump", homePlaces: ["moon"] }] };
    expect((await post("/items/import", { items: list(1), ...bad })).json()).toMatchObject({ code: "PLACE_UNKNOWN" });
    await post("/items/import", { items: [{ ...list(1)[0], home: "moon" }], rules });
    await post("/items/import", { items: list(1), rules, dryRun: true });
    expect([await kindRules(), (await get("/items")).items]).toEqual([[], []]);
    expect((await post("/items/import", { items: list(1), rules })).json()).toMatchObject({ created: 1 });
    expect(await kindRules()).toMatchObject(rules);
  });

  it("that changes a thing leaves what it was before known, for what is counted of then", async () => {
    const before = Date.now() - 3_600_000;
    await load(list(2));
    await load(list(2).map((item, i) => (i === 0 ? { ...item, kind: "Syringe pump", home: "ward" } : item)));
    await load(
      list(2).map((item, i) => (i === 0 ? { ...item, kind: "Syringe pump", home: "ward", name: "New" } : item)),
    );
    const [one, two] = await database.db.query<{ id: string }>("select id from item order by kind_key desc");
    const book = new ItemBook();
    const at = (item = "", moment = Date.now() + 1_000) => ({ item, at: moment });
    const [was, is, other, nobody] = await book.seriesItems(database.db, [
      at(one?.id, before),
      at(one?.id),
      at(two?.id),
      at("0198c0de-0000-7000-8000-00000000ffff"),
    ]);
    expect(was).toEqual({ kind: "Infusion pump", home: idOf("shelf") });
    expect(is).toEqual({ kind: "Syringe pump", home: idOf("ward") });
    expect([other, nobody]).toEqual([{ kind: "Infusion pump", home: idOf("shelf") }, undefined]);
    expect(await database.db.query("select from item_version")).toHaveLength(3);
  });

  it("with one bad entry enters nothing, and names every bad one by its index", async () => {
    const items = list(4);
    items[1]!.home = "moon";
    items[3]!.epc = items[0]!.epc!;
    const result = await load(items);
    expect(result).toMatchObject({
      created: 0,
      changed: 0,
      errors: [
        { index: 1, code: "HOME_UNKNOWN" },
        { index: 3, code: "EPC_TWICE" },
      ],
    });
    expect((await get("/items")).items).toEqual([]);
    expect(await database.db.query("select from tag")).toEqual([]);
    expect((await post("/items/import", { items: [{ ...items[0], epc: "xyz" }] })).json()).toMatchObject({
      status: 400,
      errors: [{ where: "body.items[0].epc" }],
    });
  });

  it("by two at once makes each thing once", async () => {
    const results = await Promise.all([load(list(30)), load(list(30)), load(list(30).toReversed())]);
    expect(results.map(({ created }) => created).sort()).toEqual([0, 0, 30]);
    expect(await database.db.query("select from item")).toHaveLength(30);
  });

  it("of 500 things takes seconds", async () => {
    const start = performance.now();
    expect(await load(list(500))).toMatchObject({ created: 500, errors: [] });
    const seconds = (performance.now() - start) / 1000;
    expect(await load(list(500))).toMatchObject({ unchanged: 500 });
    expect(seconds).toBeLessThan(15);
    expect((await get("/items?q=pump%20499")).items).toHaveLength(1);
  });
});
