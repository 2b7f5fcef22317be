import { encodeGiai96, encodeSgtin96 } from "@storeward/codecs/epc";
import type { Place } from "@storeward/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkItems } from "./check-items.js";
import { quote } from "./columns.js";

const place = (id: string): Place => ({ id, name: id, type: "room" });
const site = { places: [place("ward"), place("store-a")], epcFilter: { prefixes: ["30", "34"] } };
const anySite = { places: site.places };
const check = (text: string | Buffer, rules: Parameters<typeof checkItems>[1] = site) =>
  checkItems(Buffer.from(text as string), rules);
const PUMP = "3066C4409047E140075BCD15";
const PUMP_GTIN = "09506000134352";
const ASSET = "3476451FD40000000000162E";
const HEADER = "epc,name,kind,gtin,giai,home";
const epcOf = (serial: number) =>
  encodeSgtin96({ filter: 3, companyPrefixLength: 8, gtin: PUMP_GTIN, serial: String(serial) });

/** `line message` of everything found. */
const found = (text: string | Buffer, rules?: Parameters<typeof checkItems>[1]) =>
  check(text, rules).problems.map(({ line, message }) => `${line} ${message}`);

describe("a list of items", () => {
  const good = `${HEADER}\n${PUMP},Pump 1,infusion pump,${PUMP_GTIN},,ward\n${ASSET},Chair,wheelchair,,95211415678,\n`;
  const items = [
    { line: 2, item: { epc: PUMP, name: "Pump 1", kind: "infusion pump", gtin: PUMP_GTIN, home: "ward" } },
    { line: 3, item: { epc: ASSET, name: "Chair", kind: "wheelchair", giai: "95211415678" } },
  ];

  it("is read", () => {
    expect(check(good)).toEqual({ items, problems: [] });
  });

  it.each([
    ["a byte order mark", `\ufeff${good}`],
    ["CR LF", good.replaceAll("\n", "\r\n")],
    ["CR", good.replaceAll("\n", "\r")],
    ["no line end at the end", good.trimEnd()],
    ["semicolons", good.replaceAll(",", ";")],
    ["tabs", good.replaceAll(",", "\t")],
    ["quotes", good.replaceAll(/[^,\n]+/g, '"$&"')],
    ["white space and capitals in the header", good.replace(HEADER, " EPC , Name,KIND,gtin\u00a0,giai,Home")],
    ["an EPC in lower case", good.replace(PUMP, PUMP.toLowerCase())],
    ["a GTIN that has lost its leading zero", good.replace(PUMP_GTIN, PUMP_GTIN.slice(1))],
    ["more commas than columns", good.replaceAll("\n", ",,\n").replace(`${HEADER},,`, HEADER)],
  ])("is read the same with %s", (_, text) => {
    expect(check(text)).toEqual({ items, problems: [] });
  });

  it("passes over empty lines, and still counts them", () => {
    const spaced = good.replace("\n", "\n\n,,,,,\n");
    expect(check(spaced).items.map(({ line }) => line)).toEqual([4, 5]);
  });

  it("comes back from any CSV that says it, in any order of columns", () => {
    const name = fc
      .string({ minLength: 1, maxLength: 60, unit: "grapheme" })
      .filter((text) => text.trim() === text && !/\p{Cc}|\p{Cs}/u.test(text) && text.length <= 200);
    const row = fc.record({ name, kind: name, home: fc.constantFrom("", "ward", "store-a") });
    const order = fc.shuffledSubarray(["epc", "name", "kind", "home"] as const, { minLength: 4 });
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 8 }),
        order,
        fc.constantFrom(",", ";", "\t"),
        (rows, columns, delimiter) => {
          const lines = rows.map((fields, index) => {
            const values = { ...fields, epc: epcOf(index) };
            return columns.map((column) => `"${values[column].replaceAll('"', '""')}"`).join(delimiter);
          });
          const result = check([columns.join(delimiter), ...lines].join("\n"));
          expect(result.problems).toEqual([]);
          expect(result.items.map(({ item }) => ({ home: "", ...item }))).toEqual(
            rows.map((fields, index) => ({ ...fields, epc: epcOf(index) })),
          );
        },
      ),
    );
  });
});

describe("a header", () => {
  it.each([
    ["", "1 the file is empty; it begins with the header epc,name,kind,gtin,giai,home"],
    ["\n\n", "1 the file is empty"],
    ["epc,name,kind,colour\n", '1 unknown column "colour"; the columns are epc, name, kind, gtin, giai, home'],
    ["epc,name\n", "1 the column kind is missing"],
    ["epc,name,kind,epc\n", "1 the column epc is there twice"],
    ["epc,name,kind,\n", '1 unknown column ""'],
    [`${PUMP},Pump,pump\n`, `1 unknown column "${PUMP}"`],
    ["\n\nepc,nome,kind\n", '3 unknown column "nome"'],
  ])("%j is refused", (text, problem) => {
    expect(found(text)[0]).toContain(problem);
    expect(check(text).items).toEqual([]);
  });

  it("is refused in UTF-16, which spreadsheets call Unicode", () => {
    expect(found(Buffer.from(`\ufeff${HEADER}`, "utf16le"))).toEqual(["1 the file is UTF-16; save it as CSV in UTF-8"]);
  });
});

describe("every bad line is reported with its number", () => {
  const line = (text: string, rules?: Parameters<typeof checkItems>[1]) => found(`${HEADER}\n${text}\n`, rules);
  it.each([
    [",Pump,pump,,,", "epc is empty"],
    ["xyz,Pump,pump,,,", 'epc "xyz" is not hex'],
    ["3066C4409047E140075BCD1,Pump,pump,,,", "has 23 hex digits; it must be 4 to 124, and whole words of 4"],
    [`${"30".repeat(64)},Pump,pump,,,`, "has 128 hex digits"],
    ["3.06E+23,Pump,pump,,,", 'epc "3.06E+23" is a number: a spreadsheet has rounded the EPC'],
    ["E28011606000020000000001,Pump,pump,,,", "is not included in the site's epcFilter: no device would report it"],
    [`${PUMP},,pump,,,`, "name is empty"],
    [`${PUMP},Pump, ,,,`, "kind is empty"],
    [`${PUMP},${"x".repeat(201)},pump,,,`, "name has 201 characters, more than 200"],
    [`${PUMP},Pu\u001b[31mmp,pump,,,`, 'name "Pu\\u001b[31mmp" holds control characters'],
    [`${PUMP},Pump,pump,9506000134353,,`, "gtin 9506000134353 ends with a wrong check digit"],
    [`${PUMP},Pump,pump,950600013435,,`, "gtin 950600013435 ends with a wrong check digit"],
    [`${PUMP},Pump,pump,123,,`, "gtin 123 has 3 digits; it must be 8, 12, 13 or 14"],
    [`${PUMP},Pump,pump,9.5E+12,,`, 'gtin "9.5E+12" is not a number'],
    [`${PUMP},Pump,pump,00000000000017,,`, `gtin 00000000000017 is not the one in the EPC, ${PUMP_GTIN}`],
    [`${ASSET},Chair,chair,,95211415679,`, 'giai "95211415679" is not the one in the EPC, "95211415678"'],
    [`${PUMP},Pump,pump,,${"1".repeat(31)},`, "is none: 1 to 30 letters"],
    [`${PUMP},Pump,pump,,ä1,`, 'giai "ä1" is none'],
    [`${PUMP},Pump,pump,,,wards`, 'home "wards" is no place of the site'],
    [`${PUMP},Pump`, "it has 2 fields, the header has 6"],
    [`${PUMP},Pump,pump,,,,ward`, "it has 7 fields, the header has 6"],
    [`${PUMP},"Pump,pump,,,`, "its quotes do not match"],
    [`${PUMP},"Pump" 1,pump,,,`, "its quotes do not match"],
    [`${PUMP},${"x".repeat(4000)},pump,,,`, "it is longer than 4000 characters"],
  ])("%.60s", (text, problem) => {
    expect(line(text).join("\n")).toContain(problem);
    expect(line(text).every((message) => message.startsWith("2 "))).toBe(true);
    expect(check(`${HEADER}\n${text}\n`).items).toEqual([]);
  });

  it("a person's tag is no thing", () => {
    expect(line("2D76451FD4499602D2000000,Jane,nurse,,,", anySite)[0]).toContain("is a person's badge or wristband");
  });

  it("several problems of a line, and of several lines, are all told, in the order of the lines", () => {
    const text = `${HEADER}\n,,,,,x\n${PUMP},"P,pump,,,\n${PUMP},P,pump,1,,\n`;
    expect(found(text).map((message) => message.split(" ", 1)[0])).toEqual(["2", "2", "2", "2", "3", "4"]);
  });

  it("a stray quote spoils its own line only", () => {
    const { items, problems } = check(`${HEADER}\n${epcOf(1)},12" tube,pump,,,\n${epcOf(2)},Pump,pump,,,\n`);
    expect(problems.map((problem) => problem.line)).toEqual([2]);
    expect(items.map((item) => item.line)).toEqual([3]);
  });

  it("text that is not UTF-8 spoils its own line only", () => {
    const latin1 = Buffer.from(`${HEADER}\n${epcOf(1)},Gerät,pump,,,\n${epcOf(2)},Pump,pump,,,\n`, "latin1");
    const { items, problems } = check(latin1);
    expect(problems).toEqual([{ line: 2, message: "it is not UTF-8 text; save the file as CSV in UTF-8" }]);
    expect(items.map((item) => item.line)).toEqual([3]);
  });

  it("a thing that comes twice names the line where it was first, by EPC, GIAI or serial number", () => {
    const other = encodeSgtin96({ filter: 1, companyPrefixLength: 8, gtin: PUMP_GTIN, serial: "123456789" });
    const lines = [
      `${PUMP},P,pump,,,`,
      `${ASSET},C,chair,,95211415678,`,
      `${PUMP.toLowerCase()},P,pump,,,`,
      `${epcOf(7)},C,chair,,95211415678,`,
      `${other},P,pump,,,`,
    ];
    expect(found([HEADER, ...lines].join("\n"))).toEqual([
      `4 epc ${PUMP} is already on line 2`,
      `4 gtin ${PUMP_GTIN} with serial "123456789" is already on line 2`,
      "5 giai 95211415678 is already on line 3",
      `6 gtin ${PUMP_GTIN} with serial "123456789" is already on line 2`,
    ]);
  });

  it("a plain number that only begins like GS1 is told of, and loaded", () => {
    const { items, problems } = check(`${HEADER}\n307EC4409047E140075BCD15,P,pump,,,\n`);
    expect(problems).toMatchObject([{ line: 2, warning: true }]);
    expect(items).toHaveLength(1);
  });

  it("a number without meaning goes with any GTIN, for it is looked up", () => {
    expect(line(`E28011606000020000000001,Pump,pump,${PUMP_GTIN},,`, anySite)).toEqual([]);
  });

  it("whatever bytes it is given, it ends, and every line is an item, a problem or empty", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const file = Buffer.concat([Buffer.from(`${HEADER}\n`), bytes]);
        const { items, problems } = checkItems(file, anySite);
        expect(items).toEqual([]);
        for (const { message } of problems) expect(message).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  it("takes 20,000 lines in a moment, good and bad", () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => (i % 2 ? `x${i},"P",pump,,,` : `${epcOf(i)},P,pump,,,`));
    const before = performance.now();
    const { items, problems } = check([HEADER, ...lines].join("\n"));
    expect([items.length, problems.length]).toEqual([10_000, 10_000]);
    expect(performance.now() - before).toBeLessThan(10_000);
  });
});

it("an identity in the EPC and beside it agree for every scheme that has one", () => {
  const giai = encodeGiai96({ filter: 0, companyPrefixLength: 7, giai: "9521141999" });
  expect(found(`${HEADER}\n${giai},C,chair,,9521141999,\n`)).toEqual([]);
});

it("what stands in a file can do nothing to a terminal", () => {
  expect(quote("\u001b[2J\u202eabc\u0000\u009b")).toBe('"\\u001b[2J\\u202eabc\\u0000\\u009b"');
  expect(quote("x".repeat(500)).length).toBeLessThan(90);
});
