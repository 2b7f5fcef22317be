const JOURNAL_FOLLOWERS = ["coverage", "evidence", "series"];
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
        `SELECT follower = 'locations' AS evidence, partition, min(pos) AS pos FROM follower_cursor
         WHERE follower = 'locations' OR follower = ANY ($1) GROUP BY 1, 2`,
        [JOURNAL_FOLLOWERS],
      );
      this.#looks.push({ at: Date.now(), ...columns(rows) });
      this.#timer = setTimeout(() => {
        this.#looking = look();
      }, EVERY_MS);
    };
    this.#looking = look();
    await this.#looking;
  }

  /** Quantiles of ms from observed to followed by every follower of the journal, and by the locations: of either, the later. */
  async stop() {
    await followed(this.#db);
    await new Promise((resolve) => setTimeout(resolve, 4 * EVERY_MS));
    await this.#looking;
    clearTimeout(this.#timer);
    const rows = await this.#db.query(
      `WITH live AS (
         SELECT partition, pos, extract(epoch FROM observed_at)::float8 * 1000 AS at, agent, epoch, seq
         FROM journal WHERE recorded_at >= $1 AND agent LIKE 'bench-%'
       ), said AS (SELECT partition, pos, packed::jsonb AS e FROM evidence WHERE recorded_at >= $1)
       SELECT 'journal' AS log, live.* FROM live
       UNION ALL
       SELECT 'evidence', said.partition, said.pos, live.at, agent, epoch, seq
       FROM said JOIN live ON (agent, epoch, seq) = (e->>3, e->>4, (e->>5)::int8)`,
      [this.#since],
    );
    const latest = new Map();
    for (const { log, partition, pos, at, agent, epoch, seq } of rows) {
      const ms = this.#when(log, partition, pos) - at;
      const key = `${agent} ${epoch} ${seq}`;
      latest.set(key, Math.max(latest.get(key) ?? 0, ms));
    }
    const all = [...latest.values()].sort((a, b) => a - b);
    const at = (part) => Math.round(all[Math.min(all.length - 1, Math.floor(all.length * part))] ?? 0);
    return { rows: all.length, p50: at(0.5), p99: at(0.99), max: at(1) };
  }

  /** The first look at which the position had been passed. */
  #when(log, partition, pos) {
    let low = 0;
    let high = this.#looks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#looks[middle][log][partition] ?? 0) >= pos) high = middle;
      else low = middle + 1;
    }
    return this.#looks[low].at;
  }
}

function columns(rows) {
  const journal = [];
  const evidence = [];
  for (const { evidence: isEvidence, partition, pos } of rows) (isEvidence ? evidence : journal)[partition] = pos;
  return { journal, evidence };
}
