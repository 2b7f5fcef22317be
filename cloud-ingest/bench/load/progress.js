/** Those that a row is followed by, and the log that each reads. */
const FOLLOWERS = { coverage: "journal", evidence: "journal", series: "journal", locations: "evidence" };
const EVERY_MS = 25;

/** Whether every follower of `app.ts` is at the head of its log. */
async function behind(db) {
  const [row] = await db.query(
    `SELECT coalesce(sum(h.pos - c.pos), 0)::float8 AS rows FROM follower_cursor c JOIN (
       SELECT 'journal' AS log, partition, pos FROM journal_head
       UNION ALL SELECT 'evidence', partition, pos FROM evidence_head
       UNION ALL SELECT 'stay_change', partition, pos FROM stay_change_head
     ) h ON h.partition = c.partition AND h.log = CASE c.follower
       WHEN 'locations' THEN 'evidence' WHEN 'series-stays' THEN 'stay_change' WHEN 'alerts' THEN 'stay_change'
       WHEN 'series-telemetry' THEN 'telemetry_sample' ELSE 'journal' END`,
  );
  return row.rows;
}

/** Resolves once every follower has everything; the moment, by `performance.now()`. */
export async function followed(db) {
  while ((await behind(db)) > 0) await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  return performance.now();
}

/** Looks every 25 ms where the followers are, so that it can be said afterwards when each row was followed. */
export class FollowWatch {
  #db;
  #looks = [];
  #timer;
  #since;
  #looking = Promise.resolve();

  constructor(db) {
    this.#db = db;
  }

  async start() {
    const [row] = await this.#db.query("SELECT now() AS now");
    this.#since = row.now;
    const look = async () => {
      const rows = await this.#db.query(
        "SELECT follower, partition, pos FROM follower_cursor WHERE follower = ANY ($1)",
        [Object.keys(FOLLOWERS)],
      );
      this.#looks.push({ at: Date.now(), cursors: cursorsOf(rows) });
      this.#timer = setTimeout(() => {
        this.#looking = look();
      }, EVERY_MS);
    };
    this.#looking = look();
    await this.#looking;
  }

  /** Quantiles of ms from observed to followed by all, and in `by` to committed and to followed by each. */
  async stop() {
    await followed(this.#db);
    await new Promise((resolve) => setTimeout(resolve, 4 * EVERY_MS));
    await this.#looking;
    clearTimeout(this.#timer);
    const rows = await this.#db.query(
      `WITH live AS (
         SELECT partition, pos, extract(epoch FROM observed_at)::float8 * 1000 AS at, extract(epoch FROM recorded_at)::float8 * 1000 AS recorded,
           agent, epoch, seq
         FROM journal WHERE recorded_at >= $1 AND agent LIKE 'bench-%'
       ), said AS (SELECT partition, pos, packed::jsonb AS e FROM evidence WHERE recorded_at >= $1)
       SELECT 'journal' AS log, live.* FROM live
       UNION ALL
       SELECT 'evidence', said.partition, said.pos, live.at, recorded, agent, epoch, seq
       FROM said JOIN live ON (agent, epoch, seq) = (e->>3, e->>4, (e->>5)::int8)`,
      [this.#since],
    );
    const latest = new Map();
    const by = Object.fromEntries(Object.keys(FOLLOWERS).map((follower) => [follower, []]));
    const committed = [];
    for (const { log, partition, pos, at, recorded, agent, epoch, seq } of rows) {
      if (log === "journal") committed.push(recorded - at);
      const key = `${agent} ${epoch} ${seq}`;
      for (const [follower, read] of Object.entries(FOLLOWERS)) {
        if (read !== log) continue;
        const ms = this.#when(follower, partition, pos) - at;
        by[follower].push(ms);
        latest.set(key, Math.max(latest.get(key) ?? 0, ms));
      }
    }
    const each = Object.entries({ committed, ...by }).map(([name, all]) => [name, quantiles(all)]);
    return { rows: latest.size, ...quantiles([...latest.values()]), by: Object.fromEntries(each) };
  }

  /** The first look at which the position had been passed. */
  #when(follower, partition, pos) {
    let low = 0;
    let high = this.#looks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#looks[middle].cursors[follower]?.[partition] ?? 0) >= pos) high = middle;
      else low = middle + 1;
    }
    return this.#looks[low].at;
  }
}

/** By follower and partition. */
function cursorsOf(rows) {
  const cursors = {};
  for (const { follower, partition, pos } of rows) {
    cursors[follower] ??= [];
    cursors[follower][partition] = pos;
  }
  return cursors;
}

function quantiles(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
