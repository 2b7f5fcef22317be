import type { Component } from "./aidc-values.js";

/** How long the Application Identifiers are that begin with two digits (TDS 2.3 table K); 2 where there are none. */
export function aiLength(start: string): number {
  if (/^(2[345]|4[012]|71)/.test(start)) return 3;
  return /^(3[1-69]|43|7[02]|8[012])/.test(start) ? 4 : 2;
}

/**
 * TDS 2.3 table F: Application Identifiers and how their values are encoded, in one or two components. n: digits in four bits
 * each. i: digits as one number. a: alphanumeric. v: digits with a length. x: digits, then alphanumeric. d: date. t: date
 * and time. r: date or range. p: date and time of any precision. c: country. b: one bit. m: minus sign. s: sequence.
 * A question mark: it may be missing.
 *
 * 7254 has 40 characters in the General Specifications and in the machine-readable table, and 30 in the printed one.
 */
const TABLE_F: readonly (readonly [ais: string, format: string])[] = [
  ["00|8006|8017|8018|8026", "n18"],
  ["0[12]", "n14"],
  ["41[0-7]", "n13"],
  ["7241", "n2"],
  ["1[123567]|4326|7006", "d"],
  ["4324|4325|7003", "t"],
  ["7007", "r"],
  ["7011|8008", "p"],
  ["4307|4317", "c"],
  ["432[123]", "b"],
  ["7258", "s"],
  ["20", "i2"],
  ["31[0-6][0-5]|32\\d[0-5]|33[0-7][0-5]|34\\d[0-5]|35[0-7][0-5]|36\\d[0-5]|395[0-3]|8005", "i6"],
  ["394[0-3]|8111", "i4"],
  ["402", "i17"],
  ["42[246]", "i3"],
  ["4309", "i20"],
  ["7001", "i13"],
  ["7250", "i8"],
  ["7251", "i12"],
  ["7252", "i1"],
  ["8001", "i14"],
  ["433[0-3]", "i6m"],
  ["242", "v6"],
  ["30|37", "v8"],
  ["390\\d|392\\d|42[35]", "v15"],
  ["7004", "v4"],
  ["8011", "v12"],
  ["8019", "v10"],
  ["391\\d|393\\d", "i3v15"],
  ["255", "n13v12?"],
  ["253", "n13a17?"],
  ["421", "i3a9"],
  ["703\\d", "i3a27"],
  ["8003", "n14a16?"],
  ["7023|8004|8010", "x30"],
  ["10|21|22|243|254|420|4318|702[012]|71[0-6]|7240|8002|8012", "a20"],
  ["24[01]|25[01]|40[013]|4308|4319|7002|723\\d|90", "a30"],
  ["235", "a28"],
  ["427|7008", "a3"],
  ["7010", "a2"],
  ["704[01]", "a4"],
  ["7005", "a12"],
  ["7009|7255", "a10"],
  ["7242|8013|8020", "a25"],
  ["8007", "a24"],
  ["4300|4301|431[01]|4320", "a35"],
  ["725[349]", "a40"],
  ["8009", "a50"],
  ["430[2-6]|431[2-6]|7257|811[02]|8200", "a70"],
  ["7256|8030|9[1-9]", "a90"],
];

const rows = TABLE_F.map(([ais, format]) => ({ ais: new RegExp(`^(${ais})$`), components: componentsOf(format) }));

/** The components of an Application Identifier's value; undefined for one that may not be on a tag, as 03 and 8014. */
export function formatOf(ai: string): readonly Component[] | undefined {
  return rows.find(({ ais }) => ais.test(ai))?.components;
}

function componentsOf(format: string): readonly Component[] {
  return [...format.matchAll(/([a-z])(\d*)(\??)/g)].map(([, method = "", size, optional]) => ({
    method,
    size: Number(size),
    optional: optional === "?",
  }));
}
