import { encodeGiai96, encodeSgtin96 } from "@storeward/codecs/epc";
import type { NewItem } from "@storeward/contracts";
import { describe, expect, it } from "vitest";
import { epcConflict, identityOf, identityOfEpc } from "./identity.js";
import { type Known, type KnownItem, planImport, unitKey } from "./import-plan.js";

const GTIN = "09506000134352";
const sgtin = (serial: string) => encodeSgtin96({ gtin: GTIN, serial, companyPrefixLength: 11, filter: 1 });
const giai = (reference: string) => encodeGiai96({ giai: `9506000${reference}`, companyPrefixLength: 7, filter: 0 });
const pump: KnownItem = {
  id: "p",
  name: "Pump 1",
  kind: "Pump",
  gtin: null,
  giai: "950600017",
  serial: null,
  homePlace: "store-id",
  tagged: true,
};
const kit: KnownItem = {
  id: "k",
  name: "Kit",
  kind: "Implant",
  gtin: GTIN,
  giai: null,
  serial: "5",
  homePlace: null,
  tagged: false,
};
const known: Known = {
  byEpc: new Map([["AA01", pump]]),
  byGiai: new Map([["950600017", pump]]),
  byUnit: new Map([[unitKey(GTIN, "5"), kit]]),
  placeId: (code) => (code === "store" ? "store-id" : undefined),
};
const plan = (...items: NewItem[]) =>
  planImport(items, known).map((step) =>
    step.do === "refuse" ? step.errors.map(({ code }) => code).join(" ") : step.do,
  );
const entry = (more: Partial<NewItem> = {}): NewItem => ({ name: "Pump 1", kind: "Pump", ...more });

describe("the identity of a thing", () => {
  it("is completed by its EPC", () => {
    expect(identityOf({ epc: sgtin("7") }).identity).toEqual({ gtin: GTIN, giai: null, serial: "7" });
    expect(identityOf({ epc: giai("17") }).identity).toEqual({ gtin: null, giai: "950600017", serial: null });
    expect(identityOfEpc("E2003412")).toEqual({ gtin: null, giai: null, serial: null });
    expect(identityOfEpc("30FF")).toEqual({ gtin: null, giai: null, serial: null });
  });

  it("that contradicts the EPC is refused in words that show both", () => {
    const other = identityOf({ epc: sgtin("7"), gtin: "00012345678905" });
    expect(other.errors.map(({ message }) => message)).toEqual([
      `EPC ${sgtin("7")} is of GTIN ${GTIN}, the item of GTIN 00012345678905`,
    ]);
    expect(epcConflict(giai("17"), { gtin: null, giai: "950600018", serial: null })?.message).toContain(
      "is of GIAI 950600017, the item of GIAI 950600018",
    );
    expect(identityOf({ epc: sgtin("7"), gtin: GTIN }).errors).toEqual([]);
  });

  it("has a GTIN with the right check digit, or is told which it would be", () => {
    expect(identityOf({ gtin: "09506000134353" }).errors.map(({ message }) => message)).toEqual([
      "09506000134353 is no GTIN: its check digit would have to be 2",
    ]);
  });
});

describe("a list of items", () => {
  it("makes what is not there, leaves what is, and changes what differs", () => {
    expect(plan(entry({ epc: "AA02" }), entry({ epc: "AA01" }), entry({ giai: "950600018" }), entry())).toEqual([
      "create",
      "nothing",
      "create",
      "create",
    ]);
    expect(plan(entry({ epc: "AA01", name: "Pump one" }))).toEqual(["change"]);
    expect(plan(entry({ giai: "950600017" }))).toEqual(["nothing"]);
  });

  it("keeps what an entry leaves out", () => {
    const [step] = planImport([entry({ epc: "AA01", name: "New" })], known);
    expect(step).toMatchObject({
      do: "change",
      facts: { name: "New", giai: "950600017", homePlace: "store-id" },
      bind: undefined,
    });
  });

  it("binds a tag to a thing that is there and has none, and to no other", () => {
    expect(planImport([{ name: "Kit", kind: "Implant", epc: sgtin("5") }], known)).toMatchObject([
      { do: "change", bind: sgtin("5") },
    ]);
    expect(plan(entry({ epc: giai("17") }))).toEqual(["GIAI_TAKEN"]);
    const tagged: Known = { ...known, byUnit: new Map([[unitKey(GTIN, "5"), { ...kit, tagged: true }]]) };
    expect(planImport([entry({ epc: sgtin("5") })], tagged)).toMatchObject([
      { do: "refuse", errors: [{ code: "UNIT_TAKEN" }] },
    ]);
  });

  it("refuses an EPC that is on another thing, naming it", () => {
    const [step] = planImport([entry({ epc: "AA01", giai: "950600099" })], known);
    expect(step?.do === "refuse" && step.errors[0]?.message).toBe(
      "EPC AA01 is on Pump 1 (item p), which is another thing: its GIAI is 950600017, not 950600099",
    );
  });

  it("names everything that is wrong with every entry", () => {
    const items = [
      entry({ epc: "AA05", home: "moon", gtin: "09506000134353" }),
      entry({ epc: "AA05" }),
      entry({ epc: "2D76451FD4499602D2000000" }),
    ];
    expect(plan(...items)).toEqual(["GTIN_CHECK_DIGIT HOME_UNKNOWN", "EPC_TWICE", "EPC_OF_PERSON"]);
  });

  it("refuses the same asset or unit twice, also when only the EPCs say so", () => {
    expect(plan(entry({ epc: giai("30") }), entry({ giai: "950600030" }))).toEqual(["create", "GIAI_TWICE"]);
    const other = encodeSgtin96({ gtin: GTIN, serial: "8", companyPrefixLength: 11, filter: 3 });
    expect(plan(entry({ epc: sgtin("8") }), entry({ epc: other }))).toEqual(["create", "UNIT_TWICE"]);
  });
});
