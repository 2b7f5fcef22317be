import { describe, expect, it } from "vitest";
import { runWith } from "../../test/run-tool.js";
import { tool } from "./epc.js";

const run = async (args: readonly string[], input?: string) => {
  const { code, out, complaints } = await runWith(tool, args, input);
  return { code, out, complaints };
};

const SGTIN = "3066C4409047E140075BCD15";

describe("storeward-epc decode", () => {
  it("says what a tag means", async () => {
    expect(await run(["decode", "30:66:c4 4090 47e1 40075bcd15"])).toEqual({
      code: 0,
      complaints: "",
      out: `${SGTIN}
  scheme                           sgtin-96
  Global Trade Item Number (GTIN)  09506000134352
  serial                           123456789
  company prefix                   95060001343, 11 digits
  filter value                     3, Reserved
  element string                   (01)09506000134352(21)123456789
  pure identity URI                urn:epc:id:sgtin:95060001343.05.123456789
  tag URI                          urn:epc:tag:sgtin-96:3.95060001343.05.123456789
  Digital Link URI                 https://id.gs1.org/01/09506000134352/21/123456789
  padding                          0 zero bits
`,
    });
  });

  it.each([
    ["F4 3952114112345678906", "a patient's wristband"],
    ["2E76451FD4499602D2000000", "a staff badge"],
    ["FB342CDE795211411234538566CB0AFC4", "expiration date"],
    ["FD3795211411234538566CB0AFC525065F1876F0D996D800", "id.example.com"],
    ["4076451FD40C0E40820000000F54", "piece 01 of 02 of GTIN 09521141123454"],
    ["E2801160600002042A6C8A10", "E2 begins the TID"],
    ["000000000000000000000000", "has not been written"],
    ["112233445566778899AABBCC", "of no scheme"],
    [`${SGTIN}00000000`, "32 zero bits, more than fill the last word"],
    ["F63952114112345424567800", "encode would write F6395211411234540458B800"],
    ["FF", "of no scheme"],
    ["F98095201234567891235", "data follow the EPC, but none do"],
    ["F98095201234567891235100218", "+AIDC data (10)"],
    ["F98095201234567891235A100", "not decoded: the header A1"],
    ["3B0E0CF5E76C9047759AD00373DC7602E7200", "part number"],
  ])("%s: …%s…", async (hex, text) => {
    const { code, out } = await run(["decode", hex]);
    expect(out).toContain(text);
    expect(code).toBe(0);
  });

  it("reads one a line, goes on after what is none, and says so with what to do", async () => {
    const { code, out, complaints } = await run(["decode", "-"], `${SGTIN}\r\n\nxyz\n307EC4409047E140075BCD15\n3066\n`);
    expect(code).toBe(1);
    expect(out).toContain("09506000134352");
    expect(complaints).toContain('xyz\n  NOT_HEX: unknown, hex: "xyz" is not hex\n  Give the digits');
    expect(complaints).toContain("partition: the value 7");
    expect(complaints).toContain("begins alike");
    expect(complaints).toContain("Read the tag again");
  });

  it("gives JSON with every form, errors too", async () => {
    const { code, out } = await run(["decode", "--json", SGTIN, "30"]);
    const [epc, error] = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(code).toBe(1);
    expect(epc).toMatchObject({ scheme: "sgtin-96", gtin: "09506000134352", hex: SGTIN, canonical: true });
    expect(error).toMatchObject({ input: "30", error: { code: "BAD_LENGTH", scheme: "sgtin-96", field: "hex" } });
  });
});

describe("storeward-epc encode", () => {
  const text = "(01)09506000134352(21)6789";
  it("writes the hex, by what it is told", async () => {
    expect((await run(["encode", "--prefix-length", "11", "--filter", "3", text])).out).toBe(
      "3066C4409047E14000001A85\n",
    );
    expect((await run(["encode", "--scheme", "SGTIN-198", "--prefix-length", "11", text])).out).toMatch(/^3606C4/);
    expect((await run(["encode", text, "(00)095201234567891235"])).out).toMatch(/^F7.*\nF9009520123456789123\d*\n$/);
    expect((await run(["encode", "--host", "id.example.com", text])).out).toMatch(/^FD/);
    expect((await run(["encode", "-"], "urn:epc:id:giai:9521141.5678\n")).out).toBe("3416451FD40000000000162E\n");
  });

  it.each([
    [[text, "--scheme", "sgtin-96"], "--prefix-length"],
    [["(01)09506000134353(21)1"], "ends with 3, and 2 is right"],
    [["(01)09506000134352"], "EPCs are of single ones"],
    [["hello"], "Give an element string"],
    [[text, "--scheme", "sgtin-96", "--prefix-length", "11", "--filter", "9"], "0 to 7 wanted"],
  ])("refuses %o with what to do", async (args, message) => {
    const { code, out, complaints } = await run(["encode", ...args]);
    expect(complaints).toContain(message);
    expect([code, out]).toEqual([1, ""]);
  });
});

describe("storeward-epc", () => {
  it.each([
    [[], "say decode or encode"],
    [["dekode"], "no command dekode: say decode or encode"],
    [["decode"], "decode what?"],
    [["decode", "--filter", "1", SGTIN], "are for encode"],
    [["encode", "--scheme", "sgtin-64", "x"], 'there is no scheme "sgtin-64"'],
    [["encode", "--filter", "x", "y"], "--filter wants a number"],
  ])("called with %o says what is wrong and how to call it", async (args, message) => {
    const { code, complaints } = await run(args);
    expect(code).toBe(2);
    expect(complaints).toContain(message);
    expect(complaints).toContain("storeward-epc decode HEX...");
  });

  it("has help with every scheme", async () => {
    const { code, out } = await run(["--help"]);
    expect(code).toBe(0);
    expect(out).toContain("dsgtin++");
  });
});
