import { describe, expect, it } from "vitest";
import { defineErrors } from "./errors.js";
import { createLogger, type LoggerOptions } from "./log.js";

const E = defineErrors({ ODD: { template: "Odd thing {n}" } });

function lines(options: LoggerOptions, use: (log: ReturnType<typeof createLogger>) => void): string[] {
  const written: string[] = [];
  use(createLogger("edge", { level: "info", write: (line) => void written.push(line), ...options }));
  return written;
}

describe("a logger", () => {
  it("writes JSON lines with name, level as a word, time in UTC, and the code of an error", () => {
    const [line] = lines({ pretty: false }, (log) => log.error({ err: E.ODD({ n: 1 }), reader: "r1" }, "read failed"));
    const parsed: unknown = JSON.parse(line!);
    expect(parsed).toMatchObject({
      level: "error",
      name: "edge",
      msg: "read failed",
      reader: "r1",
      err: { code: "ODD" },
    });
    expect(parsed).toHaveProperty("time", expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/));
  });

  it("writes short lines for people", () => {
    const [line] = lines({ pretty: true }, (log) =>
      log.child({ part: "uplink" }).warn({ n: 3, why: "two words" }, "behind"),
    );
    expect(line).toMatch(/^\d\d:\d\d:\d\d warn {2}edge behind part=uplink n=3 why="two words"\n$/);
  });

  it("describes an error and its causes in one line for people", () => {
    const [line] = lines({ pretty: true }, (log) =>
      log.error({ err: E.ODD({ n: 1 }, { cause: new Error("deep") }) }, "x"),
    );
    expect(line).toContain("edge x: ODD: Odd thing 1, because deep");
    expect(line!.trimEnd().split("\n")).toHaveLength(1);
  });

  it("lets nothing that comes from outside fake a line or move the cursor", () => {
    const [line] = lines({ pretty: true }, (log) =>
      log.info({ tag: "a\u001b[2Jb\nc" }, "x\r\n12:00:00 error fake\u009b1m"),
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
    expect(line!.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  it("hides secrets by their names", () => {
    for (const pretty of [true, false]) {
      const [line] = lines({ pretty }, (log) => log.info({ password: "hunter2", mqtt: { password: "hunter2" } }, "x"));
      expect(line).not.toContain("hunter2");
    }
  });

  it("keeps quiet below its level and refuses a level it does not know", () => {
    expect(lines({ level: "warn" }, (log) => log.info("x"))).toEqual([]);
    expect(() => createLogger("x", { level: "loud" })).toThrow("Log level loud is unknown");
  });
});
