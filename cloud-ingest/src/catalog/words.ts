/** Letters that have no decomposition (Unicode NFKD) and are written with others where they are missing. */
const WRITTEN_AS: Readonly<Record<string, string>> = {
  ß: "ss",
  ø: "o",
  æ: "ae",
  œ: "oe",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
};

/** The words of a text without case and accents: what is compared in a search. */
export function wordsOf(text: string): string[] {
  const bare = (part: string) => part.normalize("NFKD").replace(/\p{M}/gu, "");
  // Lower case has decompositions of its own, and decompositions have capitals.
  const plain = bare(bare(text).toLowerCase())
    .toLowerCase()
    .replace(/[ßøæœłđðþı]/g, (letter) => WRITTEN_AS[letter] ?? letter);
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** By which names are sorted, numbers in them by their value: pump 2 before pump 10. */
export function sortKey(text: string): string {
  return wordsOf(text)
    .map((word) => word.replace(/\d+/g, (digits) => digits.padStart(9, "0")))
    .join(" ");
}

/** By which kinds are the same. */
export function kindKey(kind: string): string {
  return wordsOf(kind).join(" ");
}

/** What an item is found by: the words of its texts, and its numbers also without their leading zeros. */
export function searchWords(item: {
  readonly name: string;
  readonly kind: string;
  readonly gtin: string | null;
  readonly giai: string | null;
  readonly serial: string | null;
}): string[] {
  const { name, kind, gtin, giai, serial } = item;
  const words = [name, kind, gtin, giai, serial].flatMap((text) => (text === null ? [] : wordsOf(text)));
  const bare = words.filter((word) => /^0+\d/.test(word)).map((word) => word.replace(/^0+(?=\d)/, ""));
  // PostgreSQL takes lexemes of less than 2 KiB.
  return [...new Set([...words, ...bare])].map((word) => word.slice(0, 200));
}
