interface Placed {
  readonly partition: number;
  readonly pos: number;
}

/** Rows that follow each other in one partition. */
interface Chunk<Row> {
  readonly rows: readonly Row[];
  readonly first: number;
  readonly bytes: number;
}

/**
 * Rows of a log that several are about to read, so that they are read and parsed once. Of each partition a run without holes; those that came first
 * go first when there is no more room. Rows never change, and only committed ones may be put in: what is not here is in the database.
 */
export class RecentRows<Row extends Placed> {
  readonly #maxBytes: number;
  readonly #runs = new Map<number, Chunk<Row>[]>();
  /** The partitions of all chunks, in the order in which they came; one whose run was begun anew may have gone already. */
  #order: { readonly partition: number; readonly chunk: Chunk<Row> }[] = [];
  #bytes = 0;

  /** @param maxBytes of the rows' bodies as text */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Never more than there may be. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Rows of one partition that follow each other. What does not continue the run there takes its place. */
  add(rows: readonly Row[], bytes: number): void {
    const [first] = rows;
    if (first === undefined) return;
    const { partition, pos } = first;
    const run = this.#runs.get(partition);
    if (run !== undefined && endOf(run) !== pos) this.#forget(partition);
    const chunk = { rows, first: pos, bytes };
    const continued = this.#runs.get(partition);
    if (continued === undefined) this.#runs.set(partition, [chunk]);
    else continued.push(chunk);
    this.#order.push({ partition, chunk });
    this.#bytes += bytes;
    this.#makeRoom();
  }

  /** At most `limit` rows from right after `pos`; undefined where the first of them is not here. */
  after(partition: number, pos: number, limit: number): Row[] | undefined {
    const run = this.#runs.get(partition);
    if (run === undefined || pos + 1 < startOf(run) || pos + 1 >= endOf(run)) return undefined;
    const found: Row[] = [];
    for (const { rows, first } of run) {
      const skip = Math.max(0, pos + 1 - first);
      if (skip >= rows.length) continue;
      found.push(...rows.slice(skip, skip + limit - found.length));
      if (found.length >= limit) break;
    }
    return found;
  }

  /** Forgets what is not before this position: other rows are there now. */
  replacedFrom(partition: number, pos: number): void {
    const run = this.#runs.get(partition);
    if (run !== undefined && endOf(run) > pos) this.#forget(partition);
  }

  #forget(partition: number): void {
    const run = this.#runs.get(partition);
    if (run === undefined) return;
    this.#runs.delete(partition);
    for (const { bytes } of run) this.#bytes -= bytes;
    const gone = new Set(run);
    this.#order = this.#order.filter(({ chunk }) => !gone.has(chunk));
  }

  #makeRoom(): void {
    let gone = 0;
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#order[gone++];
      if (oldest === undefined) break;
      const run = this.#runs.get(oldest.partition);
      run?.shift();
      if (run?.length === 0) this.#runs.delete(oldest.partition);
      this.#bytes -= oldest.chunk.bytes;
    }
    if (gone > 0) this.#order.splice(0, gone);
  }
}

function startOf(run: readonly Chunk<unknown>[]): number {
  return run[0]?.first ?? 0;
}

/** The position after its last row. */
function endOf(run: readonly Chunk<unknown>[]): number {
  const last = run.at(-1);
  return last === undefined ? 0 : last.first + last.rows.length;
}
