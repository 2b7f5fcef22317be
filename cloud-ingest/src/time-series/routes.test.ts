import { MEASUREMENTS, type SeriesAnswer, type SeriesSchema, type User } from "@storeward/contracts";
import { createLogger } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { createHttp } from "../http/index.js";
import { migrations as journalMigrations } from "../journal/index.js";
import { EmbeddedSeries } from "./embedded.js";
import { migrations } from "./migrations.js";
import { routes } from "./routes.js";

const log = createLogger("test", { level: "silent" });
const user: User = { id: "0198c0de-0000-7000-8000-00000000000a", username: "viewer", role: "viewer" };
let test: TestDatabase;
let series: EmbeddedSeries;
beforeAll(async () => {
  test = await testDatabase([...journalMigrations, ...migrations]);
  series = new EmbeddedSeries(test.db);
});
afterAll(() => test.close());

async function get<T>(path: string): Promise<{ status: number; body: T & { code?: string } }> {
  const app = await createHttp({
    listen: { host: "127.0.0.1", port: 0 },
    log,
    version: "1",
    authenticator: { authenticate: async () => user },
    routes: [routes({ series })],
    health: async () => ({}),
  });
  const answer = await app.inject({ url: `/api/v1${path}`, headers: { authorization: "Bearer x" } });
  await app.close();
  return { status: answer.statusCode, body: answer.json() };
}

describe("GET /series", () => {
  const ask = (query: string) => get<SeriesAnswer>(`/series?${query}`);
  const at = (second: number) => new Date(Date.UTC(2025, 0, 1, 0, 0, second)).toISOString();

  it("gives fields by tags in steps that suit the range, or are asked for", async () => {
    const points = [{ tags: { read_point: "door-1", direction: "out" }, fields: { count: 2 } }];
    await series.replace([
      { measurement: "passages", at: new Date(at(0)), points },
      { measurement: "passages", at: new Date(at(60)), points },
    ]);
    const { body } = await ask(`measurement=passages&from=${at(0)}&to=${at(600)}`);
    expect(body).toMatchObject({ measurement: "passages", step: 60, from: at(0), to: at(600) });
    expect(body.series).toEqual([
      { tags: points[0]!.tags, points: [0, 60].map((second) => ({ at: at(second), count: 2 })) },
    ]);
    const { body: coarse } = await ask(`measurement=passages&from=${at(0)}&to=${at(600)}&step=300`);
    expect(coarse.series[0]?.points).toEqual([{ at: at(0), count: 4 }]);
    expect((await ask(`measurement=passages&from=${at(0)}&to=${at(90 * 86_400)}`)).body.step).toBe(15_600);
  });

  it("refuses what makes no sense, and says how it would", async () => {
    expect((await ask("measurement=heartbeats")).status).toBe(400);
    expect((await ask(`measurement=passages&from=${at(60)}&to=${at(0)}`)).body.code).toBe("SERIES_RANGE");
    const { body } = await ask(`measurement=passages&from=${at(0)}&to=${at(30 * 86_400)}&step=60`);
    expect(body.code).toBe("SERIES_TOO_LONG");
  });
});

describe("GET /series/schema", () => {
  it("lists every measurement with tags, fields and units, and every tag with its meaning", async () => {
    const { body } = await get<SeriesSchema>("/series/schema");
    expect(body.measurements.map(({ name }) => name)).toEqual(MEASUREMENTS);
    const tags = new Set(body.tags.map(({ name }) => name));
    for (const measurement of body.measurements) {
      expect(measurement.tags.filter((tag) => !tags.has(tag))).toEqual([]);
      expect(measurement.fields.filter(({ unit, help }) => unit === "" || help === "")).toEqual([]);
    }
  });
});
