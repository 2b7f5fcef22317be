import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { InfluxSeries } from "./influx-series.js";
import { Influx1 } from "./influx1.js";
import { Influx2 } from "./influx2.js";

/** Begins to answer, and is gone. */
const server = createServer((_, response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write('{"results":[', () => response.destroy());
});
let url = "";
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const range = { measurement: "gaps", from: new Date(0), to: new Date(60_000), step: 60 } as const;

it("an answer that is cut off in the middle is an error, and nobody waits for its end", async () => {
  const v1 = new Influx1({ kind: "influx1", url, database: "d" }, { silentMs: 100 });
  const v2 = new Influx2({ kind: "influx2", url, org: "o", bucket: "b", tokenFile: "" }, { token: "t", silentMs: 100 });
  for (const series of [new InfluxSeries(v1), new InfluxSeries(v2)]) {
    await expect(series.query(range)).rejects.toMatchObject({ code: "SERIES_AWAY" });
    await expect(series.prepare()).rejects.toMatchObject({ code: "SERIES_AWAY" });
  }
});
