import fc from "fast-check";
import { gs1CheckCharacters } from "../src/gs1/check-characters.js";
import { type Component, gs1CheckDigit, type Identifier } from "../src/gs1/index.js";
import { countryLetters, countryNumbers, currencyNumbers, packageTypes } from "../src/gs1/tables/codes.js";

/** A fixed day, so that years of two digits mean the same in every run. */
export const today = "2026-11-25";

type Text = fc.Arbitrary<string>;

const CHARACTERS = {
  N: "0123456789",
  X: "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
  Y: "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  Z: "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
};

const characters = (set: keyof typeof CHARACTERS, min: number, max: number): Text =>
  fc.string({ unit: fc.constantFrom(...CHARACTERS[set]), minLength: min, maxLength: max });
const digits = (length: number): Text => characters("N", length, length);
const numberBelow = (limit: number, width = 2): Text =>
  fc.integer({ min: 0, max: limit - 1 }).map((number) => String(number).padStart(width, "0"));
const listed = (codes: Iterable<string>): Text => fc.constantFrom(...codes);
const join = (...parts: Text[]): Text => fc.tuple(...parts).map((texts) => texts.join(""));
const fixed = (...texts: string[]): Text => fc.constantFrom(...texts);

const days = fc.date({ min: new Date("1977-01-01"), max: new Date("2076-12-31"), noInvalidDate: true });
const yymmdd: Text = days.map((date) => date.toISOString().slice(2, 10).replaceAll("-", ""));
const prefixed = (rest: Text): Text => join(digits(4), rest);
const ibans = fixed(
  "FR7630006000011234567890189",
  "BE71096123456769",
  "GB98MIDL07009312345678",
  "MU43BOMM0101123456789101000MUR",
);

/** Values that a linter accepts, of a component with `min` to `max` characters. */
const accepted: Readonly<Record<string, (component: Component) => Text>> = {
  csum: ({ max }) => digits(max - 1).map((start) => start + gs1CheckDigit(start)),
  csumalpha: ({ max }) =>
    prefixed(characters("X", 1, max - 6))
      .filter((text) => /\D/.test(text))
      .map((text) => text + gs1CheckCharacters(text)),
  gcppos1: ({ set, max }) => prefixed(characters(set, 1, max - 4)),
  yymmdd: () => yymmdd,
  yymmd0: () =>
    fc.oneof(
      yymmdd,
      yymmdd.map((date) => `${date.slice(0, 4)}00`),
    ),
  yyyymmdd: () => days.map((date) => date.toISOString().slice(0, 10).replaceAll("-", "")),
  hh: () => numberBelow(24),
  mi: () => numberBelow(60),
  ss: () => numberBelow(60),
  hhmi: () => join(numberBelow(24), numberBelow(60)),
  iso3166: () => listed(countryNumbers),
  iso3166999: () => listed([...countryNumbers, "999"]),
  iso3166alpha2: () => listed(countryLetters),
  iso4217: () => listed(currencyNumbers),
  iso5218: () => fixed("0", "1", "2", "9"),
  packagetype: () => listed(packageTypes),
  mediatype: () => fixed("01", "10", "80", "99"),
  importeridx: () => fixed("-", "0", "Z", "_", "a"),
  winding: () => fixed("0", "1", "9"),
  yesno: () => fixed("0", "1"),
  zero: () => fixed("0"),
  hyphen: () => fixed("-"),
  nonzero: ({ max }) => digits(max).filter((text) => /[^0]/.test(text)),
  nozeroprefix: ({ max }) =>
    fc.oneof(
      fixed("0"),
      characters("N", 1, max).filter((text) => !text.startsWith("0")),
    ),
  pieceoftotal: () => fixed("0101", "0102", "0202", "9999"),
  posinseqslash: () => fixed("1/1", "1/2", "2/9"),
  pcenc: ({ max }) => characters("X", 1, max - 3).map((text) => `${text.replaceAll("%", "*")}%2F`),
  latitude: () => fixed("0000000000", "1800000000", "1412345678"),
  longitude: () => fixed("0000000000", "3600000000", "1912345678"),
  iban: () => ibans,
  // The least, and one with every optional field.
  couponcode: () =>
    fixed(
      "012345612345611110123",
      `012345612345611110123${"1" + "0" + "110123" + "9"}${"2" + "110123" + "9"}3270531426053150123456${"9" + "0000"}`,
    ),
  couponposoffer: () => fixed("001234561234560123456", "101234561234560123456", "061234567890121234569123456789012345"),
};

/** Values that only this linter refuses. */
const refused: Readonly<Record<string, (component: Component) => Text>> = {
  csum: (component) =>
    (accepted.csum as (of: Component) => Text)(component).map(
      (key) => key.slice(0, -1) + ((Number(key.at(-1)) + 1) % 10),
    ),
  csumalpha: (component) =>
    (accepted.csumalpha as (of: Component) => Text)(component).map(
      (key) => key.slice(0, -1) + (key.endsWith("2") ? "3" : "2"),
    ),
  gcppos1: ({ set, max }) => join(digits(3), fixed(set === "N" ? "1" : "A"), characters(set, 1, max - 4)),
  yymmdd: () => fixed("260229", "261301", "260001", "261131", "260500"),
  yymmd0: () => fixed("260229", "261301", "260001", "261131", "261300"),
  yyyymmdd: () => fixed("20260229", "20261301", "19000229", "20260500"),
  hh: () => fixed("24", "99"),
  mi: () => fixed("60", "99"),
  ss: () => fixed("60", "99"),
  hhmi: () => fixed("2400", "0060", "9999"),
  iso3166: () => fixed("000", "999", "001"),
  iso3166999: () => fixed("000", "998"),
  iso3166alpha2: () => fixed("AA", "us", "ZZ"),
  iso4217: () => fixed("000", "001"),
  iso5218: () => fixed("3", "8"),
  packagetype: () => fixed("0", "000", "zz"),
  mediatype: () => fixed("00", "11", "79"),
  importeridx: () => fixed("!", "/"),
  winding: () => fixed("2", "8"),
  yesno: () => fixed("2", "9"),
  zero: () => fixed("1", "9"),
  hyphen: () => fixed("+", "1"),
  nonzero: ({ max }) => fixed("0".repeat(max)),
  nozeroprefix: () => fixed("01", "00"),
  pieceoftotal: () => fixed("0001", "0100", "0201"),
  posinseqslash: () => fixed("0/1", "2/1", "1-2", "1/0"),
  pcenc: () => fixed("%", "a%2", "%G0"),
  latitude: () => fixed("1800000001", "9999999999"),
  longitude: () => fixed("3600000001", "9999999999"),
  hasnondigit: () => fixed("123456789012"),
  iban: () => fixed("FR7630006000011234567890188", "XX7630006000011234567890189", "BE7109", "BE71o96123456769"),
  couponcode: () => fixed("71234561234561111012", "012345612345600", "01234561234561111512", "0123456123456111101239"),
  couponposoffer: () => fixed("201234561234560123456", "0012345612345601234", "0012345612345601234567"),
};

// For numbers, the company prefix adds nothing to what the character set asks.
const numericOnly = new Set(["gcppos1", "gcppos2"]);
const rulesOf = ({ set, linters }: Component) => linters.filter((name) => set !== "N" || !numericOnly.has(name));

function componentValues(component: Component): Text {
  const [rule] = rulesOf(component);
  if (rule === undefined) return characters(component.set, component.min, component.max);
  const make = accepted[rule];
  if (make === undefined) throw new Error(`no values for linter ${rule}`);
  return make(component);
}

/** Values of an identifier that are right. */
export function validValues({ components }: Identifier): Text {
  const mandatory = components.filter(({ optional }) => !optional).map(componentValues);
  const optional = components.filter((component) => component.optional).map(componentValues);
  return fc.nat(optional.length).chain((count) => join(...mandatory, ...optional.slice(0, count)));
}

/** Values of an identifier that are wrong, each for one reason. */
export function invalidValues(identifier: Identifier): [why: string, values: Text][] {
  const { components, minLength, maxLength } = identifier;
  const valid = validValues(identifier);
  const fill = components[0]?.set === "N" ? "1" : "A";
  const reasons: [string, Text][] = [
    ["empty", fixed("")],
    ["too long", valid.map((value) => value.padEnd(maxLength + 1, fill))],
    ["a blank", valid.map((value) => ` ${value.slice(1)}`)],
    ["no ASCII", valid.map((value) => `é${value.slice(1)}`)],
  ];
  if (minLength > 1) reasons.push(["too short", valid.map((value) => value.slice(0, minLength - 1))]);
  if (components[0]?.set === "N") reasons.push(["a letter", valid.map((value) => `A${value.slice(1)}`)]);
  components.forEach((component, index) => {
    for (const rule of rulesOf(component)) {
      const make = refused[rule];
      if (make === undefined) throw new Error(`no refused values for linter ${rule}`);
      const before = components.slice(0, index).map(componentValues);
      const after = components
        .slice(index + 1)
        .filter(({ optional }) => !optional)
        .map(componentValues);
      reasons.push([rule, join(...before, make(component), ...after)]);
    }
  });
  return reasons;
}
