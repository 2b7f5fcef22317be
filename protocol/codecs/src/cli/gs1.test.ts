import { describe, expect, it } from "vitest";
import { runWith } from "../../test/run-tool.js";
import { tool } from "./gs1.js";

const GTIN = "09506000134352";

const run = (args: readonly string[], input?: string) =>
  runWith(tool, args.includes("--help") || args.includes("--today") ? args : [...args, "--today", "2026-11-25"], input);

describe("storeward-gs1 parse", () => {
  it("says what every element means, DI and PI, and what to look at twice", async () => {
    const { code, out } = await run(["parse", `]d201${GTIN}1727050010AB-123<GS>216789`]);
    expect(code).toBe(0);
    expect(out).toBe(`GS1 element string, from GS1 DataMatrix (]d2)
  (01)  GTIN              09506000134352  trade item
  (17)  USE BY or EXPIRY  270500          use by 31 May 2027 (the last of the month)
  (10)  BATCH/LOT         AB-123          lot
  (21)  SERIAL            6789            serial number
UDI-DI  09506000134352 (GS1)
UDI-PI  expires 2027-05-31, lot AB-123, serial 6789
note    USE BY or EXPIRY has no day: it means the last of the month, 2027-05-31 (DAY_UNSPECIFIED at 21)
`);
  });

  it("says which drugs a GTIN can be, and that a date is past", async () => {
    const { out } = await run(["parse", "(01)00300021433802(17)260430(10)A"]);
    expect(out).toContain("NDC     0002-1433-80 or 00021-433-80 or 00021-4338-0, if it is a United States drug");
    expect(out).toContain("note    the expiry date is past");
  });

  it("puts a caret under what is wrong, FNC1 counted as it is shown", async () => {
    const { code, complaints } = await run(["parse", `01${GTIN}10A<GS>17260229`]);
    expect(code).toBe(1);
    expect(complaints).toBe(`01${GTIN}10A<GS>17260229
${" ".repeat(29)}^
BAD_DATE at 26: (17) USE BY or EXPIRY: 2026-02 has no day 29
`);
  });

  it("reads lines of standard input and answers each, as JSON where asked", async () => {
    const lines = await run(["parse", "-", "--json"], `9506000134352\r\n\n(01)${GTIN}(17)260229\n+A123BJC5D6E71G\n`);
    expect(lines.code).toBe(1);
    const results = lines.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(results).toMatchObject([
      { ok: true, input: "9506000134352", di: GTIN },
      { ok: false, error: { code: "BAD_DATE", position: 26 } },
      { ok: true, agency: "HIBCC" },
    ]);
  });
});

describe("storeward-gs1 build", () => {
  it("makes element string and Digital Link of elements", async () => {
    const { code, out } = await run(["build", `(01)${GTIN}(10)AB(21)67`]);
    expect(code).toBe(0);
    expect(out).toContain(`raw        01${GTIN}10AB<GS>2167\n`);
    expect(out).toContain(`link       https://id.gs1.org/01/${GTIN}/10/AB/21/67\n`);
    const json = JSON.parse((await run(["build", "(400)A", "--json"])).out);
    expect(json).toEqual({ ok: true, input: "(400)A", bracketed: "(400)A", raw: "400A" });
  });

  it("refuses what may not be written", async () => {
    expect(await run(["build", `(01)${GTIN}(37)5`])).toMatchObject({
      code: 1,
      complaints: expect.stringContaining("EXCLUDED_PAIR at 1"),
    });
    expect(await run(["build", "(01)1"])).toMatchObject({ code: 1, complaints: expect.stringContaining("TOO_SHORT") });
    expect(await run(["build", "+A123BJC5D6E71G"])).toMatchObject({
      code: 1,
      complaints: expect.stringContaining("only GS1"),
    });
  });
});

describe("storeward-gs1 ndc", () => {
  it("gives every form, and says where there is more than one", async () => {
    expect((await run(["ndc", "0002-1433-80"])).out).toBe(
      "10 digits  0002-1433-80\n11 digits  00002-1433-80\n12 digits  000002-1433-80\nGTIN       00300021433802\n",
    );
    expect((await run(["ndc", "00300021433802"])).out).toContain("can be any of 3");
    expect(JSON.parse((await run(["ndc", "300021433802", "--json"])).out).readings).toHaveLength(3);
    expect(await run(["ndc", "12"])).toMatchObject({ code: 1, complaints: expect.stringContaining("TOO_SHORT at 2") });
  });
});

describe("storeward-gs1 called wrongly", () => {
  it("shows its usage", async () => {
    expect(await run(["--help"])).toMatchObject({ code: 0, out: expect.stringContaining("storeward-gs1 parse TEXT") });
    for (const args of [
      [],
      ["parse"],
      ["show", "1"],
      ["parse", "1", "--no"],
      ["parse", "1", "--today", "2026-02-31"],
    ]) {
      expect(await run(args)).toMatchObject({
        code: 2,
        complaints: expect.stringContaining("storeward-gs1 parse TEXT"),
      });
    }
  });
});
