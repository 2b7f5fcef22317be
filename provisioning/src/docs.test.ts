import { createHash } from "node:crypto";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CloudConfig,
  Downward,
  OBSERVATION_SCHEMAS,
  OBSERVATION_TYPES,
  partitionOf,
  splitUpward,
  Upward,
  zebraTopics,
} from "@storeward/contracts";
import { GENESIS_CHAIN, loadConfig, nextChain, validator } from "@storeward/runtime";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadSite } from "./site-file.js";
import { folder, run } from "./testing.js";

/** The documentation is what others write agents by: its examples are checked like code. */
const delivery = readFileSync(new URL("../../docs/delivery.md", import.meta.url), "utf8");
const blocks = [...delivery.matchAll(/```json\n(.*?)\n```/gs)].map(([, block]) => block ?? "");
const [rows = "", hello = "", batch = "", ack = ""] = blocks;

describe("docs/delivery.md", () => {
  it("shows rows, hello, batch and ack as they are", () => {
    expect(blocks).toHaveLength(4);
    for (const row of rows.split("\n")) {
      const body: { type: (typeof OBSERVATION_TYPES)[number] } = JSON.parse(row);
      expect(validator(OBSERVATION_SCHEMAS[body.type])(body)).toMatchObject({ ok: true });
    }
    for (const envelope of [hello, batch]) expect(validator(Upward)(JSON.parse(envelope))).toMatchObject({ ok: true });
    expect(validator(Downward)(JSON.parse(ack))).toMatchObject({ ok: true });
  });

  it("gives the chains, the hash and the partitions of its example", () => {
    const [first = "", second = ""] = rows.split("\n");
    const one = nextChain(GENESIS_CHAIN, 1, first);
    const two = nextChain(one, 2, second);
    expect(delivery).toContain(`have the chains \`${one}\` and\n\`${two}\``);
    expect(JSON.parse(hello).epochs[0].headChain).toBe(two);
    expect(JSON.parse(ack).chain).toBe(two);
    const payload = `${batch}\n${rows}`;
    expect(splitUpward(payload).bodies).toHaveLength(2);
    const hash = createHash("sha256").update(payload).digest("hex").slice(0, 16);
    expect(delivery).toContain(`The payload of the example above has \`${hash}\``);
    for (const [agent, partition] of [
      ["foobar", 40],
      ["edge-stores", 61],
    ] as const)
      expect(partitionOf(agent)).toBe(partition);
  });

  it("names every type of observation", () => {
    for (const type of OBSERVATION_TYPES) expect(delivery).toContain(`| \`${type}\` |`);
  });
});

describe("docs/readers.md", () => {
  const readers = readFileSync(new URL("../../docs/readers.md", import.meta.url), "utf8");

  it("shows readers that a site takes", () => {
    const examples = [...readers.matchAll(/```yaml\n(.*?)```/gs)].map(([, block]) => block ?? "");
    expect(examples).toHaveLength(2);
    const file = join(folder().path, "site.yaml");
    for (const example of examples) {
      const rest = "site: { id: s, name: S, timeZone: Europe/Berlin }\nplaces: [{ id: s, name: S, type: site }]\n";
      writeFileSync(file, `${rest}readPoints: []\nagents: [{ id: box1 }]\n${example}`);
      expect(loadSite(file).readers.length).toBeGreaterThan(0);
    }
  });
});

describe("docs/install.md", () => {
  const install = readFileSync(new URL("../../docs/install.md", import.meta.url), "utf8");
  const block = (language: string, index = 0) =>
    [...install.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"))][index]?.[1] ?? "";
  const dir = folder();
  afterAll(() => dir.remove());
  const at = (name: string) => join(dir.path, name);

  it("describes a site and items that the command takes, and an addition to cloud.yaml that the cloud takes", async () => {
    writeFileSync(at("site.yaml"), block("yaml"));
    writeFileSync(at("items.csv"), block("csv"));
    writeFileSync(at("ca.pem"), "");
    expect(await run("site", "--site", at("site.yaml"), "--check-config")).toMatchObject({ code: 0, err: "" });
    const options = [
      "--bind",
      "0.0.0.0",
      "--mqtt-port",
      "8883",
      "--cloud-url",
      "mqtts://storeward.st-mary.example:8883",
    ];
    const paths = ["--site", at("site.yaml"), "--out", at("provisioned"), "--ca-file", at("ca.pem")];
    expect(await run("site", ...paths, ...options)).toMatchObject({
      code: 0,
      err: expect.stringContaining("http.tls"),
    });
    expect(await run("items", "--items", at("items.csv"), "--site", at("site.yaml"), "--dry-run")).toMatchObject({
      code: 0,
      err: "",
    });
    const cloud = at("provisioned/cloud/cloud.yaml");
    const text = readFileSync(cloud, "utf8");
    for (const [, part = "", tls = ""] of block("yaml", 3).matchAll(/^(\w+):\n(.*)\n/gm))
      writeFileSync(cloud, readFileSync(cloud, "utf8").replace(`${part}:\n`, `${part}:\n${tls}\n`));
    expect(readFileSync(cloud, "utf8")).not.toBe(text);
    expect(loadConfig(CloudConfig, cloud)).toMatchObject({
      http: { host: "0.0.0.0", tls: { certFile: "tls/server.pem" } },
      broker: { host: "0.0.0.0", port: 8883, tls: { keyFile: "tls/server.key" } },
    });
    appendFileSync(at("items.csv"), "zz,Pump,pump,,,\n");
    expect(await run("items", "--items", at("items.csv"), "--site", at("site.yaml"), "--dry-run")).toMatchObject({
      code: 1,
    });
  });

  it("describes readers with an IoT interface that belong into the site, and says which of their files are missing", async () => {
    const readers = `${block("yaml", 1)}${block("yaml", 2)}`;
    writeFileSync(at("iot.yaml"), block("yaml").replace("\nagents:", `\n${readers}\nagents:`));
    expect(await run("site", "--site", at("iot.yaml"), "--check-config")).toMatchObject({ code: 0, err: "" });
    const provision = () => run("site", "--site", at("iot.yaml"), "--out", at("iot"));
    const said = `${(await provision()).out}${(await provision()).err}`;
    for (const file of ["reader-3-password", "reader-3.pem", "reader-4-password"])
      expect(said).toContain(`needs agents/box1/${file}`);
    writeFileSync(at("iot/agents/box1/reader-3.pem"), "");
    const then = await provision();
    expect(`${then.out}${then.err}`).not.toContain("reader-3.pem");
    const topics = zebraTopics(parse(block("yaml", 2))[0]);
    for (const topic of Object.values(topics)) expect(install).toContain(`\`${topic}\``);
  });
});
