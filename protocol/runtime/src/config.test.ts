import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type TProperties, Type } from "typebox";
import { afterAll, describe, expect, it } from "vitest";
import { loadConfig, resolveFrom } from "./config.js";
import { configHelp } from "./config-help.js";
import { formatPath, parsePath } from "./config-schema.js";
import { isStorewardError } from "./errors.js";

const closed = <P extends TProperties>(properties: P, options = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

const Schema = closed({
  agent: Type.String({ pattern: "^[a-z0-9-]{1,40}$", description: "id of the agent" }),
  http: closed(
    {
      port: Type.Integer({ minimum: 1, maximum: 65535, default: 8080 }),
      host: Type.Optional(Type.String({ default: "127.0.0.1" })),
      idleMs: Type.Optional(Type.Number()),
    },
    { default: {} },
  ),
  release: Type.Union([Type.Literal("72h"), Type.Literal("backup")], { default: "72h" }),
  insecure: Type.Boolean({ default: false }),
  readers: Type.Array(
    Type.Union([
      closed({ driver: Type.Literal("llrp"), host: Type.String(), port: Type.Integer({ default: 5084 }) }),
      closed({ driver: Type.Literal("metratec"), path: Type.String(), power: Type.Number({ maximum: 27 }) }),
    ]),
    { default: [] },
  ),
  labels: Type.Optional(Type.Record(Type.String(), Type.String())),
});

const dir = mkdtempSync(join(tmpdir(), "storeward-config-"));
afterAll(() => rmSync(dir, { recursive: true }));
const file = join(dir, "agent.yaml");

function load(text: string, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(file, text);
  return loadConfig(Schema, file, { env, envPrefix: "STOREWARD_EDGE" });
}

function problems(text: string, env: NodeJS.ProcessEnv = {}): string[] {
  try {
    load(text, env);
  } catch (error) {
    if (!isStorewardError(error, "CONFIG_INVALID")) throw error;
    return (error.params.problems as string[]).map((line) => line.replace(file, "F"));
  }
  return [];
}

describe("loadConfig", () => {
  it("fills in defaults, also in a missing mapping and in the branch of a union that fits", () => {
    expect(load("agent: a1\nreaders:\n  - {driver: llrp, host: r1}\n")).toEqual({
      agent: "a1",
      http: { port: 8080, host: "127.0.0.1" },
      release: "72h",
      insecure: false,
      readers: [{ driver: "llrp", host: "r1", port: 5084 }],
    });
  });

  it("reports every problem at once, with line, column, key and what is allowed", () => {
    const text = [
      "agent: A1",
      "http:",
      "  prot: 80",
      "  port: 70000",
      "release: bakup",
      "insecure: 'yes'",
      "colour: red",
    ];
    expect(problems(text.join("\n"))).toEqual([
      "F:1:8 agent must be string matching ^[a-z0-9-]{1,40}$",
      "F:3:3 unknown key http.prot; did you mean port?",
      "F:4:9 http.port is 70000; it must be integer 1…65535",
      'F:5:10 release is "bakup"; it must be one of 72h, backup; did you mean backup?',
      "F:6:11 insecure is text; it must be boolean",
      "F:7:1 unknown key colour; allowed here: agent, http, release, insecure, readers, labels",
    ]);
  });

  it("names what is missing, where it belongs, with its description", () => {
    expect(problems("# nothing\n")).toEqual([
      "F agent is missing (string matching ^[a-z0-9-]{1,40}$; id of the agent)",
    ]);
    expect(problems("agent: a\nreaders:\n  - driver: llrp\n")).toEqual(["F:3:5 readers[0].host is missing (string)"]);
    expect(problems("agent:\n")).toEqual(["F:1:7 agent is empty; it must be string matching ^[a-z0-9-]{1,40}$"]);
  });

  it("speaks only of the branch that was meant, and of all when none was", () => {
    const text =
      "agent: a\nreaders:\n  - driver: metratec\n    path: /dev/ttyS0\n    power: 30\n    host: x\n  - driver: llpr\n    host: x\n  - 5\n";
    expect(problems(text)).toEqual([
      "F:5:12 readers[0].power is 30; it must be number ≤ 27",
      "F:6:5 unknown key readers[0].host; allowed here: driver, path, power",
      'F:7:13 readers[1].driver is "llpr"; it must be one of llrp, metratec; did you mean llrp?',
      "F:9:5 readers[2] is 5; it must be mapping",
    ]);
    expect(problems("agent: a\nreaders: [{}]\n")).toEqual([
      "F:2:11 readers[0].driver is missing (one of llrp, metratec)",
    ]);
  });

  it("finds the line through an alias", () => {
    expect(problems("agent: a\nlabels: &l\n  x: 5\nreaders:\n  - *l\n")).toContain(
      "F:3:6 labels.x is the number 5; it must be string",
    );
  });

  it("lets the environment set scalar keys, as the schema's type", () => {
    const env = {
      STOREWARD_EDGE_AGENT: "007",
      STOREWARD_EDGE_HTTP_PORT: "81",
      STOREWARD_EDGE_HTTP_IDLE_MS: "1.5",
      STOREWARD_EDGE_INSECURE: "true",
      STOREWARD_EDGE_RELEASE: "backup",
      STOREWARD_EDGE_HTTP_HOST: "",
    };
    expect(load("agent: a\nhttp: {port: 1}", env)).toMatchObject({
      agent: "007",
      http: { port: 81, idleMs: 1.5, host: "127.0.0.1" },
      insecure: true,
      release: "backup",
    });
  });

  it("names the variable when what it sets is not allowed", () => {
    expect(problems("agent: a", { STOREWARD_EDGE_HTTP_PORT: "http", STOREWARD_EDGE_INSECURE: "1" })).toEqual([
      "F http.port is text; it must be integer 1…65535 (set by STOREWARD_EDGE_HTTP_PORT in the environment)",
      "F insecure is text; it must be boolean (set by STOREWARD_EDGE_INSECURE in the environment)",
    ]);
    expect(problems("agent: a\nhttp: 5", { STOREWARD_EDGE_HTTP_PORT: "81" })).toEqual([
      "F:2:7 http is the number 5; it must be mapping",
    ]);
  });

  it("reports what YAML itself objects to", () => {
    expect(problems("agent: a\nagent: b\n")).toEqual(["F:2:1 Map keys must be unique"]);
    expect(problems("agent: [a\nhttp: {\n").length).toBeGreaterThan(0);
    expect(problems("- a\n")).toEqual(["F:1:1 the file must be a mapping (key: value)"]);
    expect(problems("agent: !secret a\n")[0]).toMatch(/^F:1:8 Unresolved tag/);
  });

  it("does not show text that may be a secret", () => {
    expect(problems("agent: 'Hunter 2'").join()).not.toContain("Hunter");
  });

  it("names a file that is missing, is a folder, or is too large", () => {
    const code = (path: string) => {
      try {
        loadConfig(Schema, path);
      } catch (error) {
        return isStorewardError(error) && error.message.includes(path) ? error.code : error;
      }
      return undefined;
    };
    expect(code(join(dir, "none.yaml"))).toBe("CONFIG_NOT_FOUND");
    expect(code(dir)).toBe("CONFIG_UNREADABLE");
    writeFileSync(join(dir, "large.yaml"), `# ${"x".repeat(4 * 1024 * 1024)}`);
    expect(code(join(dir, "large.yaml"))).toBe("CONFIG_UNREADABLE");
  });

  it("is not bombed by aliases and not fooled by __proto__", () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghi"
      .split("")
      .map((c, i) => `${c}: &${c} [${`*${"abcdefgh"[i]},`.repeat(9)}]`)
      .join("\n")}`;
    expect(() => load(bomb)).toThrow(expect.objectContaining({ code: "CONFIG_UNREADABLE" }));
    expect(problems("agent: a\n__proto__: {insecure: true}\n")[0]).toContain("unknown key __proto__");
  });

  it("fails only with errors of the catalogue, whatever the file holds", () => {
    const key = fc.constantFrom(
      "agent",
      "http",
      "port",
      "readers",
      "driver",
      "llrp",
      "host",
      "labels",
      "? ",
      "- ",
      ": ",
      "{",
      "[",
      "&a ",
      "*a",
      "\n",
      "\n  ",
      "1",
      "~",
      "<<: ",
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 5, arbitrary: key }, fc.string({ maxLength: 5 })), { maxLength: 30 }),
        (words) => {
          try {
            load(words.join(""));
          } catch (error) {
            expect(isStorewardError(error)).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

it("paths are relative to the file they are written in", () => {
  expect(resolveFrom("/etc/storeward/agent.yaml", "data")).toBe("/etc/storeward/data");
  expect(resolveFrom("/etc/storeward/agent.yaml", "/var/x")).toBe("/var/x");
});

it("configHelp shows keys, types, defaults, descriptions and environment names", () => {
  expect(configHelp(Schema, "STOREWARD_EDGE")).toMatchInlineSnapshot(`
    "agent  (string matching ^[a-z0-9-]{1,40}$, required)
        id of the agent
        STOREWARD_EDGE_AGENT
    http  (mapping, optional)
    http.port  (integer 1…65535, default 8080)
        STOREWARD_EDGE_HTTP_PORT
    http.host  (string, default "127.0.0.1")
        STOREWARD_EDGE_HTTP_HOST
    http.idleMs  (number, optional)
        STOREWARD_EDGE_HTTP_IDLE_MS
    release  (one of 72h, backup, default "72h")
        STOREWARD_EDGE_RELEASE
    insecure  (boolean, default false)
        STOREWARD_EDGE_INSECURE
    readers  (list of mapping, optional)
    readers[].driver  (llrp, required)
    readers[].host  (string, required)
    readers[].port  (integer, default 5084)
    readers[].driver  (metratec, required)
    readers[].path  (string, required)
    readers[].power  (number ≤ 27, required)
    labels  (mapping, optional)
    "
  `);
});

describe("what only the program can check", () => {
  const check = ({ readers }: { readers: readonly unknown[] }) =>
    readers.length > 1 ? [{ path: "readers[1].host", message: "r1 is already a reader" }] : [];

  it("is reported with file, line and column like the rest", () => {
    writeFileSync(file, "agent: a1\nreaders:\n  - {driver: llrp, host: r1}\n  - {driver: llrp, host: r1}\n");
    expect(() => loadConfig(Schema, file, { check })).toThrow(`${file}:4:26 readers[1].host: r1 is already a reader`);
  });

  it("is not asked about what breaks the schema", () => {
    writeFileSync(file, "readers:\n  - {driver: llrp, host: r1}\n  - {driver: llrp, host: r1}\n");
    expect(() => loadConfig(Schema, file, { check })).toThrow("agent is missing");
  });

  it("names a place in the file as the messages do", () => {
    for (const path of [["readers", 1, "host"], ["a"], ["a", 0, 12, "b"]])
      expect(parsePath(formatPath(path))).toEqual(path);
  });
});
