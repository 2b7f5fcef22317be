import { gs1CheckCharacters } from "./check-characters.js";
import { gs1CheckDigit } from "./check-digit.js";
import { couponCode, couponPositiveOffer } from "./coupon.js";
import { dateProblem, digitsAt, fullYear } from "./dates.js";
import type { Problem } from "./errors.js";
import { countryLetters, countryNumbers, currencyNumbers, packageTypes } from "./tables/codes.js";

/**
 * Checks one component of a value whose length and characters are right already. `thisYear` is what two-digit years are
 * near to.
 */
export type Linter = (value: string, thisYear: number) => Problem | undefined;

/** The linters of the GS1 Barcode Syntax Dictionary, by its names for them. */
export const linters: Readonly<Record<string, Linter>> = {
  csum(value) {
    if (isChecked(value)) return undefined;
    const check = gs1CheckDigit(value.slice(0, -1));
    return [
      "BAD_CHECK",
      value.length - 1,
      `the check digit is ${value.slice(-1)} and must be ${check}: scan or type it again`,
    ];
  },
  csumalpha(value) {
    if (value.length < 3) return ["TOO_SHORT", value.length, "no room for two check characters"];
    const check = gs1CheckCharacters(value.slice(0, -2));
    if (value.endsWith(check)) return undefined;
    return ["BAD_CHECK", value.length - 2, `the check characters are ${value.slice(-2)} and must be ${check}`];
  },
  // Without a list of company prefixes, what can be said is that they have at least four digits.
  gcppos1: (value) => companyPrefix(value, 0),
  gcppos2: (value) => companyPrefix(value, 1),
  yymmd0: (value, thisYear) => shortDate(value, thisYear, true),
  yymmdd: (value, thisYear) => shortDate(value, thisYear, false),
  yyyymmdd: (value) => dateProblem(digitsAt(value, 0, 4), digitsAt(value, 4, 2), digitsAt(value, 6, 2), 4, false),
  hh: (value) => below(value, 0, 24, "hour"),
  mi: (value) => below(value, 0, 60, "minute"),
  ss: (value) => below(value, 0, 60, "second"),
  hhmi: (value) => below(value, 0, 24, "hour") ?? below(value, 2, 60, "minute"),
  iso3166: (value) => listed(countryNumbers, value, "a country number (ISO 3166)"),
  iso3166999: (value) =>
    value === "999" ? undefined : listed(countryNumbers, value, "a country number (ISO 3166) or 999"),
  iso3166alpha2: (value) => listed(countryLetters, value, "a country of two capital letters (ISO 3166)"),
  iso4217: (value) => listed(currencyNumbers, value, "a currency number (ISO 4217)"),
  iso5218: (value) => oneOf("0129", value, "0 not known, 1 male, 2 female, 9 not applicable (ISO/IEC 5218)"),
  packagetype: (value) => listed(packageTypes, value, "a package type (UN/ECE Recommendation 21)"),
  // 01 to 10 are defined, 80 to 99 for local use (General Specifications, AIDC media type values).
  mediatype(value) {
    const type = Number(value);
    return (type >= 1 && type <= 10) || type >= 80
      ? undefined
      : ["BAD_CODE", 0, "a media type is 01 to 10, or 80 to 99"];
  },
  importeridx: (value) =>
    /^[-\w]$/.test(value) ? undefined : ["BAD_VALUE", 0, "the importer index is a letter, digit, - or _"],
  winding: (value) => oneOf("019", value, "the winding direction is 0, 1 or 9"),
  yesno: (value) => oneOf("01", value, "0 is no and 1 is yes"),
  zero: (value) => oneOf("0", value, "this digit is always 0"),
  hyphen: (value) => (value === "-" ? undefined : ["BAD_VALUE", 0, "only a minus sign may stand here"]),
  nonzero: (value) => (/[^0]/.test(value) ? undefined : ["BAD_VALUE", 0, "it must not be zero"]),
  nozeroprefix: (value) => (/^0./.test(value) ? ["BAD_VALUE", 0, "it must not begin with 0"] : undefined),
  hasnondigit: (value) => (/\D/.test(value) ? undefined : ["BAD_VALUE", 0, "it must not be digits only"]),
  pieceoftotal(value) {
    const [piece, total] = [digitsAt(value, 0, 2), digitsAt(value, 2, 2)];
    if (piece === 0 || total === 0) return ["BAD_VALUE", piece === 0 ? 0 : 2, "piece and total are counted from 01"];
    return piece > total ? ["BAD_VALUE", 0, `there is no piece ${piece} of ${total}`] : undefined;
  },
  posinseqslash(value) {
    const match = /^([1-9]\d*)\/([1-9]\d*)$/.exec(value);
    if (match === null) return ["BAD_VALUE", 0, "it is written 1/2: position, slash, total, neither with a 0 in front"];
    return Number(match[1]) > Number(match[2]) ? ["BAD_VALUE", 0, `there is no ${match[1]} of ${match[2]}`] : undefined;
  },
  pcenc(value) {
    const at = value.search(/%(?![0-9A-Fa-f]{2})/);
    return at < 0 ? undefined : ["BAD_VALUE", at, "% must be followed by two hex digits: %25 is the percent sign"];
  },
  // WGS 84 with seven decimals, counted from the south pole and from the zero meridian eastwards.
  latitude: (value) =>
    Number(value) > 1_800_000_000 ? ["BAD_VALUE", 0, "the latitude is at most 1800000000"] : undefined,
  longitude: (value) =>
    Number(value) > 3_600_000_000 ? ["BAD_VALUE", 0, "the longitude is at most 3600000000"] : undefined,
  iban,
  couponcode: couponCode,
  couponposoffer: couponPositiveOffer,
};

/** Whether the digits with their check digit, weighted 1 and 3 from the right, make tens (General Specifications §7.9.1). */
function isChecked(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1; i >= 0; i -= 2) sum += digits.charCodeAt(i) - 48;
  for (let i = digits.length - 2; i >= 0; i -= 2) sum += 3 * (digits.charCodeAt(i) - 48);
  return sum % 10 === 0;
}

function companyPrefix(value: string, from: number): Problem | undefined {
  for (let i = from; i < from + 4; i++) {
    const code = value.charCodeAt(i);
    if (!(code >= 48 && code <= 57))
      return ["BAD_VALUE", Math.min(i, value.length), "a GS1 company prefix begins with four digits"];
  }
  return undefined;
}

function shortDate(value: string, thisYear: number, dayOptional: boolean): Problem | undefined {
  const year = fullYear(digitsAt(value, 0, 2), thisYear);
  return dateProblem(year, digitsAt(value, 2, 2), digitsAt(value, 4, 2), 2, dayOptional);
}

function below(value: string, at: number, limit: number, unit: string): Problem | undefined {
  const number = digitsAt(value, at, 2);
  return number < limit ? undefined : ["BAD_TIME", at, `there is no ${unit} ${number}`];
}

function listed(list: ReadonlySet<string>, value: string, what: string): Problem | undefined {
  return list.has(value) ? undefined : ["BAD_CODE", 0, `${value} is not ${what}`];
}

function oneOf(allowed: string, value: string, message: string): Problem | undefined {
  return allowed.includes(value) ? undefined : ["BAD_VALUE", 0, message];
}

/** ISO 13616: country, two check digits, account; the account and then the first four make 1 modulo 97. */
function iban(value: string): Problem | undefined {
  const wrong = value.search(/[^0-9A-Z]/);
  if (wrong >= 0) return ["BAD_CHARACTER", wrong, "an IBAN has digits and capital letters"];
  if (value.length <= 10) return ["TOO_SHORT", value.length, "an IBAN is longer than that"];
  if (!countryLetters.has(value.slice(0, 2))) return ["BAD_CODE", 0, "an IBAN begins with a country of two letters"];
  let rest = 0;
  for (const character of value.slice(4) + value.slice(0, 4)) {
    const digit = Number.parseInt(character, 36);
    rest = (rest * (digit < 10 ? 10 : 100) + digit) % 97;
  }
  return rest === 1 ? undefined : ["BAD_CHECK", 2, "the check digits of the IBAN are wrong"];
}
