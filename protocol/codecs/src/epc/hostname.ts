import { code40Bits, readCode40, writeCode40 } from "./alphanumeric.js";
import type { BitReader, BitWriter } from "./bits.js";
import { inSet } from "./text.js";

const MOST = 63;

/** Optimisation table A (table 14-11): names and endings in one unit of seven bits. */
const ONE_UNIT: ReadonlyMap<string, number> = new Map([
  ["qr.", 0x1e],
  ["www.", 0x1f],
  ["id.", 0x20],
  [".com", 0x5b],
  [".org", 0x5c],
  [".net", 0x5d],
  [".int", 0x5e],
  [".edu", 0x60],
  [".gov", 0x7b],
  [".mil", 0x7c],
  [".biz", 0x7d],
  [".eco", 0x7e],
  [".med", 0x7f],
]);

const pairs = (letters: string): string[] => (letters.match(/../g) ?? []).map((pair) => `.${pair}`);

/**
 * Optimisation tables B1 to B4 (tables 14-12 to 14-15): endings in two units, the first being the place of the table. The
 * standard prints `.org.cn` and `.net.cn` of B3 with the bits of B1, which stand for `.bo` and `.bq`: a misprint.
 */
const TWO_UNITS: readonly (readonly string[])[] = [
  pairs(
    "acadaeafagaialamaoaqarasatauawaxazbabbbdbebfbgbhbibjbmbnbobqbrbsbtbwbybzcacccdcfcgchcickclcmcncocrcucvcwcxcyczde" +
      "djdkdmdodzeceeegehereseteufifjfkfmfofrgagdgegfggghgiglgmgngpgqgrgsgtgugwgyhkhmhnhrhthuidieiliminioiqirisitjejmjo" +
      "jpkekgkhkikmknkpkrkwkykzlalblcli",
  ),
  pairs(
    "lklrlsltlulvlymamcmdmemgmhmkmlmmmnmompmqmrmsmtmumvmwmxmymznancnenfngninlnonpnrnunzompapepfpgphpkplpmpnprpsptpwpy" +
      "qarerorsrurwsasbscsdsesgshsiskslsmsnsrssstsusvsxsysztctdtftgthtjtktltmtntotrtttvtwtzuaugusuyuzvavcvevgvivnvuwfws" +
      "yeytzazmzw",
  ),
  (
    ".com.au .net.au .org.au .co.at .com.bd .co.bd .com.br .net.br .co.nz .com.ng .com.pk .co.in .com.in .co.il .co.jp " +
    ".co.za .co.kr .com.es .com.lk .co.th .co.tt .com.tt .com.tr .biz.tr .com.ua .co.uk .co.zm .com.zm .com.cn .org.cn " +
    ".net.cn .gov.cn"
  ).split(" "),
  [".tech"],
];

const byUnit = new Map([...ONE_UNIT].map(([text, unit]) => [unit, text]));

/** Every sequence and its units, longest first. */
const sequences: readonly { readonly text: string; readonly units: readonly number[] }[] = [
  ...[...ONE_UNIT].map(([text, unit]) => ({ text, units: [unit] })),
  ...TWO_UNITS.flatMap((table, first) => table.map((text, second) => ({ text, units: [first, second] }))),
].sort((one, other) => other.text.length - one.text.length);

/** "Custom domain name or hostname" (TDS 2.3 §14.5.16). */
export function readHostname(reader: BitReader, field: string): string {
  const ascii = reader.uint(1, field) === 1;
  const length = reader.uint(6, field);
  if (length === 0) reader.fail("BAD_VALUE", field, "it is empty");
  const text = ascii ? readUnits(reader, length, field) : readCode40(reader, length, field);
  if (text.length > MOST)
    reader.fail("OUT_OF_RANGE", field, `${text.length} characters, and at most ${MOST} are allowed`);
  if (!inSet("82", text)) reader.fail("BAD_CHARACTER", field, `"${text}" has characters that GS1 does not allow`);
  return text;
}

/** The shorter of both methods, with the sequences that leave fewest units. */
export function writeHostname(writer: BitWriter, text: string): void {
  const units = unitsOf(text);
  if (/^[A-Z0-9.:-]+$/.test(text) && code40Bits(text.length) <= units.length * 7) {
    writer.uint(0, 1);
    writer.uint(text.length, 6);
    writeCode40(writer, text);
    return;
  }
  writer.uint(1, 1);
  writer.uint(units.length, 6);
  for (const unit of units) writer.uint(unit, 7);
}

function readUnits(reader: BitReader, length: number, field: string): string {
  let text = "";
  for (let left = length; left > 0; left--) {
    const unit = reader.uint(7, field);
    const table = TWO_UNITS[unit];
    if (table === undefined) {
      text += byUnit.get(unit) ?? String.fromCharCode(unit);
      continue;
    }
    const ending = left > 1 ? table[reader.uint(7, field)] : undefined;
    if (ending === undefined) reader.fail("RESERVED", field, `no name ending in optimisation table B${unit + 1}`);
    text += ending;
    left--;
  }
  return text;
}

/** The fewest units for the text, found from its end: the best for the rest is known at every place. */
function unitsOf(text: string): readonly number[] {
  const best: (readonly number[])[] = [];
  best[text.length] = [];
  for (let at = text.length - 1; at >= 0; at--) {
    let shortest: readonly number[] = [text.charCodeAt(at), ...(best[at + 1] ?? [])];
    for (const { text: sequence, units } of sequences) {
      const rest = text.startsWith(sequence, at) ? best[at + sequence.length] : undefined;
      if (rest !== undefined && units.length + rest.length < shortest.length) shortest = [...units, ...rest];
    }
    best[at] = shortest;
  }
  return best[0] ?? [];
}
