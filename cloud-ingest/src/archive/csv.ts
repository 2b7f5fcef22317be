/** A line of CSV without its end. Nothing stands for null, and `""` for an empty text, as PostgreSQL's COPY reads it. */
export function csv(values: readonly (string | null)[]): string {
  return values
    .map((value) => {
      if (value === null) return "";
      return value === "" || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
    })
    .join(",");
}

/** Longer than any row of a log: an observation has at most 48 KiB. */
const MOST_CHARACTERS = 4_000_000;

/** The lines of such a text, in pieces as they come. Throws a RangeError where a quote or a line does not end. */
export async function* readCsv(chunks: AsyncIterable<string>): AsyncGenerator<(string | null)[]> {
  let text = "";
  for await (const chunk of chunks) {
    text += chunk;
    for (let line = firstLine(text); line !== undefined; line = firstLine(text)) {
      yield line.fields;
      text = text.slice(line.length);
    }
    if (text.length > MOST_CHARACTERS) throw new RangeError("a line does not end");
  }
  if (text !== "") throw new RangeError("it ends in the middle of a line");
}

const FIELD = /"((?:[^"]|"")*)"([,\n])|([^",\n]*)([,\n])/y;

/** Undefined while it is not whole. */
function firstLine(text: string): { fields: (string | null)[]; length: number } | undefined {
  const fields: (string | null)[] = [];
  for (FIELD.lastIndex = 0; ; ) {
    const at = FIELD.lastIndex;
    const found = FIELD.exec(text);
    if (found === null) {
      // What cannot become a field by what is yet to come never will.
      if (text[at] !== '"' && text.slice(at).includes('"')) throw new RangeError("a quote stands within a field");
      return undefined;
    }
    const [, quoted, endOfQuoted, plain, endOfPlain] = found;
    fields.push(quoted !== undefined ? quoted.replaceAll('""', '"') : plain === "" ? null : (plain ?? null));
    if ((endOfQuoted ?? endOfPlain) === "\n") return { fields, length: FIELD.lastIndex };
  }
}
