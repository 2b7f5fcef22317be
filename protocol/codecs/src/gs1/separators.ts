import { FNC1 } from "./element-string.js";

/** A text with FNC1 put where a scanner wrote something else for it. */
export interface Separated {
  readonly text: string;
  /** What the scanner wrote: "<GS>"; undefined where nothing was replaced. */
  readonly instead?: string;
  /** The position in the given text of a position in `text`. */
  original(position: number): number;
}

/**
 * What scanners, key wedges and people write for FNC1. All but the words in angle brackets hold a character that no GS1
 * value may have (General Specifications §7.11), so they are never data; `<GS>` could be, in theory, and is taken for FNC1
 * only where no real one is there.
 */
const INSTEAD =
  /<(?:GS|FNC1|F8)>|[[{](?:GS|FNC1|F8)[\]}]|\\u001d|\\x1d|\\035|~d029|~1|\^FNC1|\^\]|&#29;|[\^|~@\u241d\u00e8\u00f8]/gi;

const same = (position: number): number => position;

/** Puts FNC1 in the place of what stands for it, where that can mean nothing else. */
export function separate(text: string): Separated {
  if (text.includes(FNC1) || !/[<[{\\~^|@&\u241d\u00e8\u00f8]/.test(text)) return { text, original: same };
  const cuts: { at: number; shift: number }[] = [];
  let instead: string | undefined;
  let shift = 0;
  const replaced = text.replace(INSTEAD, (found, at: number) => {
    instead ??= found;
    shift += found.length - 1;
    cuts.push({ at: at + found.length - shift, shift });
    return FNC1;
  });
  if (instead === undefined) return { text, original: same };
  const original = (position: number) => position + (cuts.findLast(({ at }) => at <= position)?.shift ?? 0);
  return { text: replaced, instead, original };
}
