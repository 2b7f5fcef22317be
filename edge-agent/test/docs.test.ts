import { existsSync, readFileSync } from "node:fs";
import { Reader } from "@storeward/contracts";
import { describe, expect, it } from "vitest";
import { loadDriver, loadProbe, PROBES } from "../src/readers/index.js";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/drivers.md", root), "utf8");

describe("docs/drivers.md", () => {
  it("names only files that are there", () => {
    const paths = [...page.matchAll(/`((?:edge-agent|protocol|reader-simulators)\/[^`]+)`/g)].map(
      ([, path]) => path ?? "",
    );
    expect(paths.length).toBeGreaterThan(10);
    for (const path of paths.filter((one) => !one.includes("NAME")))
      expect([path, existsSync(new URL(path, root))]).toEqual([path, true]);
  });

  it("has a line for every driver that a site may name, and each can be loaded", async () => {
    for (const { properties } of Reader.anyOf) {
      const name = properties.driver.const;
      expect(page).toContain(`| \`${name}\` |`);
      expect(await loadDriver(name)).toBeTypeOf("function");
    }
    for (const name of PROBES) expect(await loadProbe(name)).toBeTypeOf("function");
  });
});
