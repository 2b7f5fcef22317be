import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { E } from "../errors.js";
import { type Line, LineSplitter } from "./lines.js";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "it may not be read",
};

/** The lines of a file, many at a time; "-" is standard input. `onBytes` hears how far it has come. */
export async function* linesOf(file: string, onBytes: (bytes: number) => void = () => {}): AsyncGenerator<Line[]> {
  const splitter = new LineSplitter();
  const decoder = new TextDecoder();
  const stream: AsyncIterable<Buffer> = file === "-" ? process.stdin : createReadStream(file);
  try {
    for await (const chunk of stream) {
      onBytes(chunk.length);
      yield splitter.push(decoder.decode(chunk, { stream: true }));
    }
  } catch (cause) {
    throw unreadable(file, cause);
  }
  yield [...splitter.push(decoder.decode()), ...splitter.end()];
}

/** Bytes of a file; undefined of what has no size, such as standard input. Throws where it cannot be read. */
export async function sizeOf(file: string): Promise<number | undefined> {
  if (file === "-") return undefined;
  const found = await stat(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  if (found.isDirectory()) throw E.EVALUATE_UNREADABLE({ file, reason: "it is a folder" });
  return found.isFile() ? found.size : undefined;
}

function unreadable(file: string, cause: unknown): Error {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const reason = REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return E.EVALUATE_UNREADABLE({ file, reason }, { cause });
}
