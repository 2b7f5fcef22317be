import { describe, expect, it } from "vitest";
import { runWith } from "../../test/run-tool.js";
import { tool as epc } from "./epc.js";
import { tool as gs1 } from "./gs1.js";
import { tool as llrp } from "./llrp.js";
import { answerEach, type Tool } from "./tool.js";

const tools = [llrp, epc, gs1];

describe.each(tools)("$name", (tool) => {
  const [first = ""] = tool.usage.split("\n");

  it("says what it is, how it is called and what its exit codes are", async () => {
    for (const args of [["--help"], ["-h"], ["parse", "x", "--help"]]) {
      const { code, out } = await runWith(tool, args);
      expect([code, out]).toEqual([0, tool.usage]);
    }
    expect(first).toMatch(new RegExp(`^${tool.name}: `));
    for (const part of ['"-" instead of', "--help, --version", "Exit code: 0, or 1 where "]) {
      expect(tool.usage).toContain(part);
    }
    expect(tool.usage.split("\n").filter((line) => line.length > 120)).toEqual([]);
  });

  it("has a version", async () => {
    const { code, out } = await runWith(tool, ["--version"]);
    expect([code, out]).toEqual([0, expect.stringMatching(`^${tool.name} \\d+\\.\\d+\\.\\d+\n$`)]);
  });

  it("called wrongly says what is wrong, then how to call it, on standard error, with exit code 2", async () => {
    for (const [args, message] of [
      [[], "say "],
      [["nothing", "x"], "no command nothing: say "],
      [["--wrong"], "Unknown option '--wrong'"],
    ] as const) {
      const { code, out, complaints } = await runWith(tool, args);
      expect([code, out]).toEqual([2, ""]);
      expect(complaints).toMatch(new RegExp(`^${tool.name}: ${message}`));
      expect(complaints).toContain(tool.usage);
    }
  });
});

describe("answers", () => {
  const echo: Tool = {
    name: "echo",
    usage: "",
    run: (args, io) =>
      answerEach(args, io, false, (text) => ({ ok: text !== "bad", text: text.replace("+", "\n"), json: {} })),
  };

  it("have a blank line between them where they have several lines", async () => {
    expect(await runWith(echo, ["a+b", "c", "d+e", "bad"])).toMatchObject({
      code: 1,
      out: "a\nb\nc\n\nd\ne\n",
      complaints: "bad\n",
    });
  });

  it("come for every line of standard input that is not blank", async () => {
    expect(await runWith(echo, ["-"], "a\n\n \nb")).toMatchObject({ code: 0, out: "a\nb\n" });
    expect(await runWith(echo, [""])).toMatchObject({ code: 0, out: "\n" });
  });
});
