import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authority, hasOpenssl } from "../../../../edge-agent/test/certificates.js";
import type { FullBucket } from "../types.js";
import { InfluxSeries } from "./influx-series.js";
import { Influx1 } from "./influx1.js";
import { Influx2 } from "./influx2.js";
import { InfluxV2Forwarder, ORG, skipInflux, TestInflux, TOKEN } from "./testing.js";

const MINUTE = new Date(Date.UTC(2026, 2, 1, 12));
const bucket: FullBucket = {
  measurement: "gaps",
  at: MINUTE,
  points: [{ tags: { agent: "a" }, fields: { told: 1, count: 1, lost: 2 } }],
};
const range = { measurement: "gaps", from: MINUTE, to: new Date(MINUTE.getTime() + 60_000), step: 60 } as const;

describe.skipIf(skipInflux || !hasOpenssl)(
  "an InfluxDB that asks who one is, over TLS (skipped where it or openssl is not installed)",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "storeward-influx-tls-"));
    const [ours, theirs] = ["ours", "theirs"].map((name) => authority(folder, name));
    const influx = new TestInflux({ auth: true, tls: ours?.issue("localhost") ?? { key: "", cert: "" } });
    const plain = new TestInflux();
    const forwarder = new InfluxV2Forwarder(() => plain.url, ours?.issue("localhost"));
    let forwarderUrl = "";

    beforeAll(async () => {
      await Promise.all([influx.start(), plain.start()]);
      forwarderUrl = (await forwarder.listen()).replace("http://127.0.0.1", "https://localhost");
      // As docs/time-series.md has it.
      await v1().ask([`CREATE USER "root" WITH PASSWORD 'of the house' WITH ALL PRIVILEGES`]);
      await v1({ username: "root", password: "of the house" }).ask([
        'CREATE DATABASE "storeward"',
        `CREATE USER "storeward" WITH PASSWORD 'its own'`,
        'GRANT ALL ON "storeward" TO "storeward"',
        `CREATE USER "reader" WITH PASSWORD 'reads'`,
        'GRANT READ ON "storeward" TO "reader"',
      ]);
    });
    afterAll(async () => {
      await forwarder.close();
      await Promise.all([influx.close(), plain.close()]);
      rmSync(folder, { recursive: true, force: true });
    });

    const v1 = (about: { username?: string; password?: string; ca?: string; url?: string; database?: string } = {}) => {
      const { username = "storeward", password = "its own", ca = ours?.cert } = about;
      const { url = influx.url, database = "storeward" } = about;
      return new Influx1({ kind: "influx1", url, database, username }, { password, ca });
    };
    const v2 = (token: string, ca = ours?.cert, url = forwarderUrl) =>
      new InfluxSeries(new Influx2({ kind: "influx2", url, org: ORG, bucket: "v2", tokenFile: "" }, { token, ca }));

    it("takes what comes with the right password, or token, from who trusts the authority that signed for it", async () => {
      for (const series of [new InfluxSeries(v1()), v2(TOKEN)]) {
        await series.prepare();
        await series.replace([bucket]);
        expect(await series.query(range)).toMatchObject([{ points: [{ fields: { told: 1, count: 1, lost: 2 } }] }]);
      }
    });

    it("refuses another password or token, and what is to be looked at is said, each time it is asked", async () => {
      for (const series of [new InfluxSeries(v1({ password: "another" })), v2("another")])
        for (const call of [() => series.prepare(), () => series.replace([bucket]), () => series.query(range)])
          await expect(call()).rejects.toMatchObject({
            code: "SERIES_REFUSED",
            message: expect.stringMatching(/user name and password, or the token/),
          });
    });

    it("is told from one where we may not do what we must: make the database, or write", async () => {
      await expect(v1({ database: "another" }).prepare()).rejects.toMatchObject({ code: "SERIES_MISSING" });
      const reader = new InfluxSeries(v1({ username: "reader", password: "reads" }));
      await expect(reader.replace([bucket])).rejects.toMatchObject({ code: "SERIES_REFUSED" });
    });

    it("is not spoken to under a certificate of another authority, for another name, or without TLS, and that is said each time", async () => {
      const otherName = (url: string) => url.replace("localhost", "127.0.0.1");
      const untrusted = [
        new InfluxSeries(v1({ ca: theirs?.cert ?? "" })),
        v2(TOKEN, theirs?.cert),
        new InfluxSeries(v1({ url: otherName(influx.url) })),
        v2(TOKEN, ours?.cert, otherName(forwarderUrl)),
        new InfluxSeries(v1({ url: plain.url.replace("http:", "https:") })),
      ];
      for (const series of untrusted)
        for (const call of [() => series.prepare(), () => series.replace([bucket])])
          await expect(call()).rejects.toMatchObject({
            code: "SERIES_UNTRUSTED",
            message: expect.stringMatching(/name in caFile/),
          });
    });
  },
);
