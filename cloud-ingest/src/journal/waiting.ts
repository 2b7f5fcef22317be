/** Every so often it is nobody's turn but that of those who have waited for longest. */
const IN_TURNS = 8;

/**
 * About how many rows wait for one follower in each partition of its log, by the last look and by what came and was handled since; and which partitions
 * are worked on next.
 */
export class Waiting {
  readonly #rows = new Map<number, number>();
  #total = 0;
  /** Partitions that may have rows: in which something was appended here, or was found at the last look. */
  readonly #awake = new Set<number>();
  /** The last of those that were taken. */
  #last = -1;
  #taken = 0;

  /** In all partitions. */
  get total(): number {
    return this.#total;
  }

  /** Whether nothing is known to wait. */
  get isEmpty(): boolean {
    return this.#awake.size === 0;
  }

  in(partition: number): number {
    return this.#rows.get(partition) ?? 0;
  }

  /** Rows were appended. */
  came(partition: number, rows: number): void {
    this.#awake.add(partition);
    this.#change(partition, rows);
  }

  handled(partition: number, rows: number): void {
    this.#change(partition, -rows);
  }

  /** There may be more rows than it seemed. */
  wake(partition: number): void {
    this.#awake.add(partition);
  }

  /** The log was looked at: so many rows wait in each partition. */
  found(rows: ReadonlyMap<number, number>): void {
    this.#rows.clear();
    this.#total = 0;
    for (const [partition, count] of rows) if (count > 0) this.came(partition, count);
  }

  /**
   * Takes the partitions to work on next, in ascending order; they sleep until something wakes them. All of `ours` that are awake; where more than
   * `limit` rows wait there, only as many as have so many, those of `first` in its order and then in turns: much of few things is less work than a little
   * of each.
   */
  take(limit: number, ours: (partition: number) => boolean, first: Iterable<number> = []): number[] {
    for (const partition of this.#awake) if (!ours(partition)) this.#awake.delete(partition);
    const awake = [...this.#awake].sort((a, b) => a - b);
    const [before, behind] = [awake.filter((each) => each <= this.#last), awake.filter((each) => each > this.#last)];
    const preferred = ++this.#taken % IN_TURNS === 0 ? [] : [...first].filter((each) => this.#awake.has(each));
    const inTurn = [...behind, ...before].filter((each) => !preferred.includes(each));
    const taken: number[] = [];
    let rows = 0;
    for (const partition of [...preferred, ...inTurn]) {
      if (rows >= limit) break;
      taken.push(partition);
      rows += this.in(partition);
    }
    this.#last = taken.slice(preferred.length).at(-1) ?? this.#last;
    for (const partition of taken) this.#awake.delete(partition);
    return taken.sort((a, b) => a - b);
  }

  #change(partition: number, by: number): void {
    const before = this.in(partition);
    const after = Math.max(0, before + by);
    this.#rows.set(partition, after);
    this.#total += after - before;
  }
}
