import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { outcomeOf, shows } from "../../test/differences.js";
import { today } from "../../test/gs1-values.js";
import { parseBarcode } from "./index.js";

interface Peer {
  parseBarcode(text: string): {
    readonly parsedCodeItems: readonly { readonly ai: string; readonly raw: string; readonly isoDate: string }[];
  };
}

const peer = createRequire(import.meta.url)("gs1-barcode-parser-mod") as Peer;

const G = "09506000134352";

/** Identifiers and values as gs1-barcode-parser-mod reads them, dates as it means them; or what it says is wrong. */
function theirsOf(text: string): string {
  return outcomeOf(() =>
    peer
      .parseBarcode(text)
      .parsedCodeItems.map(({ ai, raw, isoDate }) => `(${ai})${isoDate === "" ? raw : isoDate}`)
      .join(" "),
  );
}

/** The same, with the codes of flags behind, or the code of the error and its place. */
function oursOf(text: string): string {
  const result = parseBarcode(text, { today });
  if (!result.ok) return `${result.error.code} at ${result.error.position}`;
  const elements = result.elements.map(({ ai, value, date }) => `(${ai})${date ?? value}`);
  return [...elements, ...result.flags.map(({ code }) => code)].join(" ");
}

/** What the General Specifications say, the text of a scan, what gs1-barcode-parser-mod and what this codec make of it. */
const differences: readonly [rule: string, text: string, theirs: string, ours: string][] = [
  ["the check digit of a GTIN", "]d20109506000134353", "(01)09506000134353", "BAD_CHECK at 18"],
  ["the check digit of an SSCC", "]d200095201234567891236", "(00)095201234567891236", "BAD_CHECK at 22"],
  ["no 29 February in 2026", `]d201${G}17260229`, `(01)${G} (17)2026-03-01`, "BAD_DATE at 25"],
  ["no month 13", `]d201${G}17261301`, `(01)${G} (17)2027-01-01`, "BAD_DATE at 23"],
  ["no month 00", `]d201${G}17260001`, `(01)${G} (17)2025-12-01`, "BAD_DATE at 23"],
  ["a GTIN has digits", "]d2010950600013435A17270531", "(01)0950600013435A (17)2027-05-31", "BAD_CHARACTER at 18"],
  [
    "a lot has at most 20 characters",
    `]d201${G}10ABCDEFGHIJKLMNOPQRSTUVWXY`,
    `(01)${G} (10)ABCDEFGHIJKLMNOPQRSTUVWXY`,
    "TOO_LONG at 41",
  ],
  [
    "the characters of a lot are those of character set 82",
    `]d201${G}10AB £`,
    `(01)${G} (10)AB £`,
    "BAD_CHARACTER at 23",
  ],
  ["a lot is not empty", `]d201${G}10\x1d17270531`, `(01)${G} (10) (17)2027-05-31`, "TOO_SHORT at 21"],
  ["422 is a country of ISO 3166", `]d201${G}422001`, `(01)${G} (422)001`, "BAD_CODE at 22"],
  [
    "37 stands with 02, not with 01",
    `]d201${G}375`,
    `(01)${G} (37)5`,
    `(01)${G} (37)5 EXCLUDED_PAIR MISSING_COMPANION`,
  ],
  [
    "8014 is the Master UDI-DI",
    `]d201${G}80141987654Ad4X4bL5ttr2310c2K`,
    "invalid AI after '801'",
    `(01)${G} (8014)1987654Ad4X4bL5ttr2310c2K`,
  ],
  ["7041 is a package type", "]d20009520123456789123570411A", "unrecognised AI", "(00)095201234567891235 (7041)1A"],
  [
    "7007 may have two dates",
    `]d201${G}7007270501270531`,
    "invalid AI after '2'",
    `(01)${G} (7007)2027-05-01/2027-05-31`,
  ],
  ["an EAN-13 is a GTIN", "9506000134352", "(95)06000134352", `(01)${G}`],
  [
    "<GS> in place of FNC1, as some scanners are set to send it",
    `01${G}10AB<GS>17270531`,
    `(01)${G} (10)AB<GS>17270531`,
    `(01)${G} (10)AB (17)2027-05-31 SEPARATOR_REPLACED`,
  ],
  ["HIBC", "+A123BJC5D6E71G", "no valid AI", "(+)A123BJC5D6E71"],
  ["ISBT 128", "=/A9999XYZ100T0944=,000025", "no valid AI", "(=/)A9999XYZ100T0944 (=,)000025"],
  ["GS1 Digital Link", `https://id.gs1.org/01/${G}/10/AB`, "no valid AI", `(01)${G} (10)AB`],
];

describe("where gs1-barcode-parser-mod 1.2.1 differs from the standard", () => {
  it.for(differences)("%s", ([rule, text, theirs, ours], context) => {
    expect([theirsOf(text), oursOf(text)]).toEqual([theirs, ours]);
    shows(context, {
      peer: "gs1-barcode-parser-mod 1.2.1",
      rule,
      input: text.replaceAll("\x1d", "<FNC1>"),
      theirs,
      ours,
    });
  });
});
