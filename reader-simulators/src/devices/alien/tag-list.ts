import type { Reading } from "../../radio/field.js";

export interface ListedTag {
  readonly reading: Reading;
  /** Antenna port, from 0. */
  readonly port: number;
  readonly count: number;
}

const spaced = (epc: string): string => epc.replace(/(.{4})(?=.)/g, "$1 ");

/** One line of a tag list: the Text format, or a custom one with its tokens filled in. */
export function tagLine({ reading, port, count }: ListedTag, custom: string | undefined): string {
  const date = "2026/11/22 15:00:00";
  const { epc } = reading;
  const text = `Tag:${spaced(epc)}, Disc:${date}, Last:${date}, Count:${count}, Ant:${port}, Proto:2`;
  if (custom === undefined) return text;
  const tokens: Readonly<Record<string, string>> = {
    k: epc,
    i: spaced(epc),
    a: String(port),
    r: String(count),
    m: reading.rssi.toFixed(1),
    p: "2",
  };
  return custom.replace(/%([a-zA-Z])/g, (whole, token: string) => tokens[token] ?? whole);
}
