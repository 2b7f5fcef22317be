import { describe, expect, it } from "vitest";
import { type CliHost, defineCommand, runCli, usageError } from "./cli.js";
import { defineErrors } from "./errors.js";

const E = defineErrors({ BROKEN: { template: "It broke" }, MANY: { template: "Problems:\n  one\n  two" } });

async function run(argv: string[], seen: unknown[] = []) {
  let out = "";
  let err = "";
  let code: number | undefined;
  const host: CliHost = {
    argv,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    exit: (exitCode) => {
      code = exitCode;
    },
  };
  const backup = defineCommand({
    description: "Write a backup\n\nTo a file of its own.",
    options: { config: { type: "string", short: "c", description: "Configuration", placeholder: "FILE" } },
    positionals: ["FILE"],
    run: ({ values, positionals }) => void seen.push(["backup", values.config, positionals]),
  });
  await runCli(
    {
      name: "storeward-x",
      version: "1.2.3",
      description: "Does things.",
      options: {
        config: { type: "string", short: "c", description: "Configuration", placeholder: "FILE", default: "x.yaml" },
        set: { type: "string", multiple: true, description: "Set a value" },
        "check-config": { type: "boolean", description: "Only check" },
      },
      commands: { backup },
      run: async ({ values }) => {
        const config: string = values.config;
        const set: string[] | undefined = values.set;
        const check: boolean | undefined = values["check-config"];
        seen.push([config, set, check]);
        if (config === "broken") throw E.BROKEN({}, { cause: new Error("inside") });
        if (config === "many") throw E.MANY();
        if (config === "usage") throw usageError("choose one");
      },
    },
    host,
  );
  return { out, err, code };
}

describe("runCli", () => {
  it("gives typed options to run and does not exit", async () => {
    const seen: unknown[] = [];
    expect(await run(["-c", "a.yaml", "--set", "a", "--set=b", "--check-config"], seen)).toEqual({
      out: "",
      err: "",
      code: undefined,
    });
    await run([], seen);
    expect(seen).toEqual([
      ["a.yaml", ["a", "b"], true],
      ["x.yaml", undefined, undefined],
    ]);
  });

  it("finds a command before or after its options", async () => {
    const seen: unknown[] = [];
    await run(["backup", "-c", "c.yaml", "out.dump"], seen);
    await run(["-c", "backup", "backup", "out.dump"], seen);
    expect(seen).toEqual([
      ["backup", "c.yaml", ["out.dump"]],
      ["backup", "backup", ["out.dump"]],
    ]);
  });

  it("shows help, of the program and of a command, and the version", async () => {
    const { out } = await run(["--help"]);
    expect(out).toContain("Usage: storeward-x [COMMAND] [OPTIONS]");
    expect(out).toContain("  backup  Write a backup\n");
    expect(out).not.toContain("To a file of its own.");
    expect((await run(["backup", "-h"])).out).toContain("To a file of its own.");
    expect(out).toMatch(/-c, --config FILE {2,}Configuration \(default: x\.yaml\)/);
    expect((await run(["backup", "-h"])).out).toContain("Usage: storeward-x backup [OPTIONS] FILE");
    expect((await run(["--version"])).out).toBe("storeward-x 1.2.3\n");
  });

  it("exits 2 with a message on arguments it cannot use", async () => {
    for (const [argv, text] of [
      [["--nope"], "Unknown option '--nope'"],
      [["--config"], "argument missing"],
      [["what"], "unexpected argument 'what'"],
      [["backup"], "FILE is missing"],
      [["backup", "a", "b"], "unexpected argument 'b'"],
      [["-c", "usage"], "choose one"],
    ] as const) {
      const { err, code } = await run([...argv]);
      expect({ argv, code }).toEqual({ argv, code: 2 });
      expect(err).toContain(`storeward-x: `);
      expect(err).toContain(text);
      expect(err).toContain("Try 'storeward-x --help'");
    }
  });

  it("exits 1 with one line on an error, and with the list where the error is a list", async () => {
    expect(await run(["-c", "broken"])).toEqual({
      out: "",
      err: "storeward-x: BROKEN: It broke, because inside\n",
      code: 1,
    });
    expect((await run(["-c", "many"])).err).toBe("storeward-x: MANY: Problems:\n  one\n  two\n");
  });
});
