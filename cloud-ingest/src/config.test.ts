import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCloudConfig } from "./config.js";

const folder = mkdtempSync(join(tmpdir(), "storeward-config-"));
const at = (name: string) => join(folder, name);
beforeAll(() => {
  for (const [name, text] of Object.entries({
    password: "secret",
    token: "a-token",
    ca: "-----BEGIN…",
    accounts: "accounts: []",
  })) {
    writeFileSync(at(name), text);
    chmodSync(at(name), 0o600);
  }
  writeFileSync(
    at("site.yaml"),
    `site: { id: ward, name: Ward, timeZone: UTC, locale: en, dayStarts: "00:00" }
places: [{ id: ward, name: Ward, type: site }]
readPoints: []
readers: []
agents: []
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(timeSeries: string) {
  writeFileSync(
    at("cloud.yaml"),
    `data: data
ledger: "${"a".repeat(32)}"
site: site.yaml
broker: { accounts: accounts, passwordFile: password }
${timeSeries}`,
  );
  return loadCloudConfig(at("cloud.yaml"), {});
}

const problemsOf = (timeSeries: string): string => {
  try {
    load(timeSeries);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

describe("where cloud.yaml keeps time series", () => {
  it("is the database where nothing is said", () => {
    expect(load("").timeSeries).toEqual([{ target: { kind: "database" }, secret: undefined, ca: undefined }]);
  });

  it("may be several places, each with what its files hold", () => {
    const { timeSeries, warnings } = load(`timeSeries:
  - kind: database
  - { kind: influx1, url: "http://127.0.0.1:8086", database: storeward, username: cloud, passwordFile: password, keepDays: 400 }
  - { kind: influx2, name: archive, url: "https://influx.example", org: mercy, bucket: storeward, tokenFile: token, caFile: ca }
`);
    expect(timeSeries.map(({ secret, ca }) => [secret, ca])).toEqual([
      [undefined, undefined],
      ["secret", undefined],
      ["a-token", "-----BEGIN…"],
    ]);
    expect(warnings).toEqual([]);
  });

  it("beyond this machine plain text is refused, unless it is allowed, and then warned of", () => {
    const target = (insecure: string) =>
      `timeSeries: [{ kind: influx1, url: "http://10.0.0.5:8086", database: storeward${insecure} }]`;
    expect(problemsOf(target(""))).toContain("timeSeries[0].url");
    expect(load(target(", insecure: true")).warnings).toMatchObject([expect.stringContaining("10.0.0.5 without TLS")]);
  });

  it("what cannot be right is said with its key", () => {
    expect(problemsOf("timeSeries: [{ kind: database }, { kind: database }]")).toContain(
      "another is called database too",
    );
    expect(
      problemsOf('timeSeries: [{ kind: influx2, url: "http://127.0.0.1", org: o, bucket: b, tokenFile: none }]'),
    ).toContain("timeSeries[0].tokenFile");
    expect(problemsOf('timeSeries: [{ kind: influx1, url: "http://127.0.0.1", databse: x }]')).toContain("databse");
    expect(problemsOf("timeSeries: []")).toContain("timeSeries");
  });
});
