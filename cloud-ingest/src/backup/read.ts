import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { E } from "./errors.js";
import { type End, FORMAT, type Manifest, type TableHeader } from "./format.js";

const END = /^\{"end":true,/;
const HEADER = /^\{"table":"/;

export type Part =
  | { readonly kind: "manifest"; readonly manifest: Manifest }
  | { readonly kind: "table"; readonly header: TableHeader }
  | { readonly kind: "row"; readonly row: string };

/** The parts of a backup, in order; throws BACKUP_UNREADABLE at the end where hash or count do not agree. */
export async function* readBackup(file: string): AsyncGenerator<Part> {
  const unreadable = (reason: string, cause?: unknown) => E.BACKUP_UNREADABLE({ file, reason }, { cause });
  const hash = createHash("sha256");
  let rows = 0;
  let state: "manifest" | "tables" | "ended" = "manifest";
  const gunzip = createReadStream(file)
    .on("error", (error) => gunzip.destroy(error))
    .pipe(createGunzip());
  const failed = new Promise<never>((_, reject) => gunzip.once("error", reject));
  failed.catch(() => undefined);
  const lines = createInterface({ input: gunzip, crlfDelay: 0 })[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([lines.next(), failed]).catch((error: unknown) => {
      throw unreadable("it cannot be unpacked", error);
    });
    if (next.done) break;
    const line: string = next.value;
    if (state === "ended") throw unreadable("something follows its end");
    if (END.test(line)) {
      const end = JSON.parse(line) as End;
      if (end.rows !== rows || end.sha256 !== hash.digest("hex")) throw unreadable("its checksum does not agree");
      state = "ended";
      continue;
    }
    hash.update(`${line}\n`);
    if (state === "manifest") {
      state = "tables";
      yield { kind: "manifest", manifest: manifestOf(line, unreadable) };
    } else if (HEADER.test(line) && line.includes('"partitions":')) {
      yield { kind: "table", header: JSON.parse(line) as TableHeader };
    } else {
      rows++;
      yield { kind: "row", row: line };
    }
  }
  if (state !== "ended") throw unreadable("it ends in the middle");
}

function manifestOf(line: string, unreadable: (reason: string, cause?: unknown) => Error): Manifest {
  try {
    const manifest = JSON.parse(line) as Manifest;
    if (manifest.storewardBackup === FORMAT) return manifest;
  } catch (error) {
    throw unreadable("its first line is no manifest", error);
  }
  throw unreadable("its format is unknown");
}
