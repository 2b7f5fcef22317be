import type { Sqlite } from "./database.js";
import type { StoredPresence } from "./journal.js";

/** What a row said of a presence; `state` is null when it is gone. */
export interface PresenceChange {
  readonly readPoint: string;
  readonly epc: string;
  readonly state: string | null;
}

interface Bounds {
  /** With so many changes the log is folded into the table. */
  readonly foldAt: number;
  /** Folded with one commit: neighbours in the table, on few pages. */
  readonly piece: number;
}

const BOUNDS: Bounds = { foldAt: 8_192, piece: 512 };

interface Folding {
  /** The last change that is in it. */
  readonly upTo: number;
  /** The last change of each presence, in the order of the table: its id, negative where the presence is gone. */
  readonly ids: readonly number[];
  done: number;
}

/**
 * Presence of tags at read points. The rows of one commit are about tags that lie all over the table, and would write nearly all of its pages
 * anew; so what a row says goes to the end of a log, in the row's transaction, and the log is folded into the table now and then, in the order of
 * the table and a piece at a time. What holds is the table and the log on top of it. The log is only cut when all of that part is folded:
 * until then it is right wherever a crash stops the folding, and it is folded again from the start.
 */
export class PresenceStore {
  readonly #statements: ReturnType<typeof prepareAll>;
  readonly #bounds: Bounds;
  #logged: number;
  #folding: Folding | undefined;

  constructor(db: Sqlite, bounds = BOUNDS) {
    this.#bounds = bounds;
    this.#statements = prepareAll(db);
    this.#logged = this.#statements.count.get() ?? 0;
  }

  /** What holds now, in order. */
  all(): StoredPresence[] {
    const { table, changes } = this.#statements;
    return overlaid(table.all(), changes.all());
  }

  /** Part of the caller's transaction, as all that follows. */
  log({ readPoint, epc, state }: PresenceChange): void {
    this.#statements.log.run(readPoint, epc, state);
    this.#logged++;
  }

  /** What was present in another journal. */
  restore(presences: readonly StoredPresence[]): void {
    for (const { readPoint, epc, state } of presences) this.#statements.set.run(readPoint, epc, state);
  }

  /** One more piece of the log, where it is long. */
  fold(): void {
    const { foldAt, piece } = this.#bounds;
    if (this.#folding === undefined && this.#logged < foldAt) return;
    this.#folding ??= this.#begin();
    const { ids, done, upTo } = this.#folding;
    for (const id of ids.slice(done, done + piece)) {
      if (id < 0) this.#statements.remove.run(-id);
      else this.#statements.carry.run(id);
    }
    this.#folding.done += piece;
    if (this.#folding.done < ids.length) return;
    this.#logged -= this.#statements.cut.run(upTo).changes;
    this.#folding = undefined;
  }

  /** A transaction was rolled back, and with it perhaps a piece: nothing is sure to be folded. */
  rolledBack(): void {
    this.#folding = undefined;
    this.#logged = this.#statements.count.get() ?? 0;
  }

  #begin(): Folding {
    const upTo = this.#statements.last.get() ?? 0;
    const ids = this.#statements.lastOfEach.all().map(({ id, isGone }) => (isGone === 1 ? -id : id));
    return { upTo, ids, done: 0 };
  }
}

/** The changes, oldest first, on top of what the table has. */
export function overlaid(table: readonly StoredPresence[], changes: readonly PresenceChange[]): StoredPresence[] {
  const all = new Map(table.map((presence) => [keyOf(presence), presence]));
  for (const { readPoint, epc, state } of changes) {
    if (state === null) all.delete(keyOf({ readPoint, epc }));
    else all.set(keyOf({ readPoint, epc }), { readPoint, epc, state });
  }
  return [...all].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, presence]) => presence);
}

/** In the order of the table: a read point's name has no character before the space. */
function keyOf({ readPoint, epc }: Pick<StoredPresence, "readPoint" | "epc">): string {
  return `${readPoint} ${epc}`;
}

function prepareAll(db: Sqlite) {
  return {
    table: db.prepare<[], StoredPresence>(
      'select read_point as "readPoint", epc, state from presence order by read_point, epc',
    ),
    set: db.prepare<[string, string, string]>(
      "insert into presence (read_point, epc, state) values (?, ?, ?) on conflict do update set state = excluded.state",
    ),
    carry: db.prepare<[number]>(
      `insert into presence select read_point, epc, state from presence_change where id = ?
       on conflict do update set state = excluded.state`,
    ),
    remove: db.prepare<[number]>(
      "delete from presence where (read_point, epc) = (select read_point, epc from presence_change where id = ?)",
    ),
    log: db.prepare<[string, string, string | null]>(
      "insert into presence_change (read_point, epc, state) values (?, ?, ?)",
    ),
    changes: db.prepare<[], PresenceChange>(
      'select read_point as "readPoint", epc, state from presence_change order by id',
    ),
    count: db.prepare<[], number>("select count(*) from presence_change").pluck(),
    last: db.prepare<[], number | null>("select max(id) from presence_change").pluck(),
    // Beside a max(), SQLite gives the other columns of the row that has it.
    lastOfEach: db.prepare<[], { readonly id: number; readonly isGone: number }>(
      `select max(id) as id, state is null as "isGone" from presence_change
       group by read_point, epc order by read_point, epc`,
    ),
    cut: db.prepare<[number]>("delete from presence_change where id <= ?"),
  };
}
