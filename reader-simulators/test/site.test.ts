import { join } from "node:path";
import { decodeEpc, isPersonTag, isValidGtin } from "@storeward/codecs/epc";
import { observablePlaces, Site } from "@storeward/contracts";
import { loadConfig } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import { itemsCsv } from "../site/make-items.js";
import { parseItems } from "../src/hospital/items.js";
import { loadScenario } from "../src/hospital/scenario.js";

const folder = join(import.meta.dirname, "../site");

describe("the demonstration site", () => {
  const site = loadConfig(Site, join(folder, "site.yaml"));
  const items = parseItems(itemsCsv());

  it("items.csv is what make-items.ts writes", async () => {
    await expect(itemsCsv()).toMatchFileSnapshot("../site/items.csv");
  });

  it("has 200 items with different, valid EPCs whose keys stand beside them", () => {
    expect(items.length).toBe(200);
    expect(new Set(items.map((item) => item.epc)).size).toBe(200);
    for (const item of items) {
      const epc = decodeEpc(item.epc);
      if (epc.scheme === "sgtin-96") {
        expect(epc.gtin).toBe(item.gtin);
        expect(isValidGtin(epc.gtin)).toBe(true);
      } else if (epc.scheme === "giai-96") expect(epc.giai).toBe(item.giai);
      else expect.fail(`${item.epc} is ${epc.scheme}`);
    }
  });

  it("every home is a place of the site, and every EPC passes the site's filter", () => {
    const places = new Set(site.places.map((place) => place.id));
    for (const item of items) {
      expect(places).toContain(item.home);
      expect(site.epcFilter?.prefixes.some((prefix) => item.epc.startsWith(prefix))).toBe(true);
    }
  });

  it("tells apart what its read points can", () => {
    const observable = observablePlaces(site);
    expect(observable.get("shelf-a-3")).toBe("shelf-a-3");
    expect(observable.get("shelf-a")).toBe("storeroom-1");
    expect(observable.get("storeroom-2")).toBe("storeroom-2");
    for (const room of ["corridor", "ward-3", "or-1", "cabinet-b"]) expect(observable.get(room)).toBe("clinical-area");
  });

  it("its unlisted tags are in no list, and its badges are tags of persons", () => {
    const scenario = loadScenario(join(folder, "scenario.yaml"));
    const listed = new Set(items.map((item) => item.epc));
    for (const tag of scenario.unlisted) {
      expect(listed).not.toContain(tag.epc);
      expect(decodeEpc(tag.epc).scheme).toMatch(/^(sgtin|giai)-96$/);
    }
    expect(scenario.badges.length).toBeGreaterThan(1);
    for (const badge of scenario.badges) expect(isPersonTag(badge)).toBe(true);
  });
});
