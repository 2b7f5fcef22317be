import type { BadLines } from "./bad-lines.js";
import { linesOf } from "./file.js";
import { InOrder } from "./in-order.js";
import type { Line } from "./lines.js";
import { READ_COLUMNS, type Recorded, recordedOf } from "./recorded.js";
import { type ColumnNames, RowReader } from "./rows.js";
import type { TimeUnit } from "./times.js";

export interface RecordingOptions {
  readonly columns: ColumnNames;
  readonly timeUnit: TimeUnit;
  /** Lines may be out of order by so much, ms. */
  readonly disorderMs: number;
  readonly onBytes?: (bytes: number) => void;
}

/** The lines of one recording as reads, whatever their format; what is none goes to `bad`. */
export class RecordingParser {
  readonly #file: string;
  readonly #options: Pick<RecordingOptions, "columns" | "timeUnit">;
  readonly #rows: RowReader<keyof typeof READ_COLUMNS>;
  readonly #bad: BadLines;

  constructor(file: string, options: Pick<RecordingOptions, "columns" | "timeUnit">, bad: BadLines) {
    this.#file = file;
    this.#options = options;
    this.#rows = new RowReader(file, READ_COLUMNS, options.columns);
    this.#bad = bad;
  }

  parse(lines: readonly Line[]): { recorded: Recorded; line: number }[] {
    return lines.flatMap(({ number, text }) => {
      const row = text === undefined ? "is too long for a read" : this.#rows.row(text);
      if (row === undefined) return [];
      const recorded =
        typeof row === "string" ? row : recordedOf(row, this.#options.timeUnit, this.#rows.has("antenna"));
      if (typeof recorded !== "string") return [{ recorded, line: number }];
      this.#bad.add(this.#file, number, recorded);
      return [];
    });
  }
}

/** Reads a recording, in order of time. */
export async function* readRecording(
  file: string,
  options: RecordingOptions,
  bad: BadLines,
): AsyncGenerator<Recorded[]> {
  const parser = new RecordingParser(file, options, bad);
  const order = new InOrder<{ at: number; recorded: Recorded; line: number }>(options.disorderMs, ({ line }, why) =>
    bad.add(file, line, why),
  );
  for await (const lines of linesOf(file, options.onBytes)) {
    const parsed = parser.parse(lines).map((one) => ({ ...one, at: one.recorded.at }));
    yield order.push(parsed).map(({ recorded }) => recorded);
  }
  yield order.end().map(({ recorded }) => recorded);
}
