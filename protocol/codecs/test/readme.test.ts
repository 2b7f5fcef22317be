import { transformWithOxc } from "vite";
import { describe, expect, it } from "vitest";
import * as epc from "../src/epc/index.js";
import * as gs1 from "../src/gs1/index.js";
import * as llrp from "../src/llrp/index.js";
import { examples } from "./readme.js";

const entries: Readonly<Record<string, object>> = { epc, gs1, llrp };

describe("the README", () => {
  it("has examples of each codec, each with what they give", () => {
    for (const name of Object.keys(entries)) {
      expect(examples.some(({ code }) => code.includes(`"@storeward/codecs/${name}"`))).toBe(true);
    }
    expect(examples.filter(({ code }) => !code.includes("expect("))).toEqual([]);
  });

  it.each(examples.map(({ title, code }) => [title, code]))("example %s", async (_, code) => {
    const { code: plain } = await transformWithOxc(code, "example.ts");
    const body = plain.replace(
      /^import (\{[^}]*\}) from "@storeward\/codecs\/(\w+)";$/gm,
      (_, names: string, entry: string) => `const ${names.replaceAll(" as ", ": ")} = entries.${entry};`,
    );
    expect(body).not.toMatch(/^import /m);
    new Function("expect", "entries", body)(expect, entries);
  });
});
