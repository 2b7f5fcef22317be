import type { ItemImportResult } from "@storeward/contracts";
import type { ItemLine } from "./check-items.js";
import type { CloudClient } from "./cloud-client.js";
import type { LineProblem } from "./columns.js";

/** Limits of one request: the contract's 2,000 items, and under the megabyte that HTTP servers take. */
const CHUNK_ITEMS = 2000;
const CHUNK_BYTES = 768 * 1024;

export interface Loaded {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
}

/**
 * Loads items through the API. All of them are tried first without effect, so that a line that the cloud refuses keeps every
 * line from being loaded; with `dryRun` it ends there.
 *
 * @param onProgress items done so far
 * @returns what was (or would be) done, and the lines that the cloud refuses
 */
export async function loadItems(
  client: Pick<CloudClient, "importItems">,
  lines: readonly ItemLine[],
  { dryRun, onProgress }: { dryRun: boolean; onProgress: (done: number, loading: boolean) => void },
): Promise<Loaded & { problems: readonly LineProblem[] }> {
  const chunks = chunksOf(lines);
  const pass = async (loading: boolean) => {
    const total = { created: 0, changed: 0, unchanged: 0, problems: [] as LineProblem[] };
    let done = 0;
    for (const chunk of chunks) {
      const result = await client.importItems(
        chunk.map(({ item }) => item),
        !loading,
      );
      total.created += result.created;
      total.changed += result.changed;
      total.unchanged += result.unchanged;
      total.problems.push(...result.errors.map((error) => problemOf(error, chunk)));
      if (loading && result.errors.length > 0) break;
      done += chunk.length;
      onProgress(done, loading);
    }
    return total;
  };
  const tried = await pass(false);
  return dryRun || tried.problems.length > 0 ? tried : await pass(true);
}

function problemOf({ index, code, message }: ItemImportResult["errors"][number], chunk: readonly ItemLine[]) {
  return { line: chunk[index]?.line ?? 0, message: `the cloud refuses it: ${message} (${code})` };
}

/** Slices of the list that one request takes. */
export function chunksOf(lines: readonly ItemLine[]): ItemLine[][] {
  const chunks: ItemLine[][] = [];
  let bytes = 0;
  for (const line of lines) {
    const size = Buffer.byteLength(JSON.stringify(line.item)) + 1;
    const last = chunks.at(-1);
    if (last === undefined || last.length >= CHUNK_ITEMS || bytes + size > CHUNK_BYTES) {
      chunks.push([line]);
      bytes = size;
    } else {
      last.push(line);
      bytes += size;
    }
  }
  return chunks;
}
