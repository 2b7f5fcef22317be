import type { Location, LocationList, Site } from "@storeward/contracts";
import { createLogger } from "@storeward/runtime";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { createHttp } from "../http/index.js";
import { migrations, Places, routes } from "./index.js";

const antenna = (n: number) => ({ reader: "door", antenna: n });
const site: Site = {
  site: { id: "mercy", name: "Mercy", timeZone: "Europe/Berlin", locale: "de", dayStarts: "06:00" },
  places: [
    { id: "mercy", name: "Mercy", type: "site" },
    { id: "corridor", name: "Corridor", type: "room", parent: "mercy" },
    {
      id: "store",
      name: "Store",
      type: "room",
      parent: "mercy",
      outline: [
        [0, 0],
        [4, 0],
        [4, 4],
      ],
    },
    { id: "shelf", name: "Shelf", type: "shelf", parent: "store", position: [1, 1] },
  ],
  readPoints: [
    {
      id: "store-door",
      role: "portal",
      inside: "store",
      outside: "corridor",
      position: [4, 2],
      antennas: { inside: [antenna(1)], outside: [antenna(2)] },
    },
    { id: "shelf", role: "shelf", place: "shelf", antennas: [antenna(3)] },
  ],
  readers: [
    {
      id: "door",
      agent: "north",
      driver: "llrp",
      host: "127.0.0.1",
      region: "ETSI",
      antennas: [1, 2, 3].map((n) => ({ antenna: n, power: 30 })),
    },
  ],
  agents: [{ id: "north" }],
};

let database: TestDatabase;
let app: FastifyInstance;
beforeAll(async () => {
  database = await testDatabase(migrations);
  const { db } = database;
  const log = createLogger("test", { level: "silent" });
  const places = new Places({ db, log });
  await places.sync(site);
  const shelf = places.byCode("shelf")?.id ?? "";
  app = await createHttp({
    listen: { host: "127.0.0.1", port: 0 },
    log,
    version: "0",
    authenticator: {
      authenticate: async () => ({ id: "0198c0de-0000-7000-8000-00000000000a", username: "v", role: "viewer" }),
    },
    routes: [
      routes({
        sql: db,
        places,
        itemCounts: async () => new Map([[shelf, { items: 3, unknown: 1 }]]),
        coverage: async () => new Map([["shelf", { state: "watching" }]]),
      }),
    ],
    health: async () => ({}),
  });
});
afterAll(async () => {
  await app.close();
  await database.close();
});

describe("GET /locations", () => {
  it("tells the site's places with what is in them and who watches", async () => {
    const answer = await app.inject({ url: "/api/v1/locations", headers: { authorization: "Bearer x" } });
    const list: LocationList = answer.json();
    expect(list.site).toEqual({ id: "mercy", name: "Mercy", timeZone: "Europe/Berlin", locale: "de" });
    const at = (code: string): Location => list.locations.find((place) => place.code === code)!;
    expect(list.locations).toHaveLength(4);
    expect(at("shelf")).toMatchObject({
      path: "Mercy / Store / Shelf",
      parent: at("store").id,
      position: [1, 1],
      observable: at("shelf").id,
      items: 3,
      unknown: 1,
      readPoints: [{ id: "shelf", role: "shelf", position: [1, 1], state: "watching" }],
    });
    // A read point that nothing is known of has not been heard.
    expect(at("store")).toMatchObject({
      outline: [
        [0, 0],
        [4, 0],
        [4, 4],
      ],
      items: 0,
      readPoints: [{ id: "store-door", role: "portal", position: [4, 2], state: "unheard" }],
    });
    expect(at("mercy")).toMatchObject({ parent: null, outline: null, position: null, neighbours: [] });
  });
});
