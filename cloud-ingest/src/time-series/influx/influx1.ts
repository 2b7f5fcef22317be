import type { SeriesTarget } from "@storeward/contracts";
import { validator } from "@storeward/runtime";
import { InfluxDB } from "influx";
import { SILENT_MS, within } from "./deadline.js";
import { E, influxError, isOnlyTooOld } from "./errors.js";
import type { InfluxConnection, InfluxPoint } from "./influx-series.js";
import { QueryAnswer, type StatementSeries } from "./influxql.js";

export type Influx1Config = Extract<SeriesTarget, { kind: "influx1" }>;

const isAnswer = validator(QueryAnswer);
const quoted = (name: string) => `"${name.replaceAll('"', '\\"')}"`;

/** InfluxDB 1.x (1.6 to 1.11), by its own client. */
export class Influx1 implements InfluxConnection {
  readonly #config: Influx1Config;
  readonly #client: InfluxDB;

  readonly #limitMs: number;

  /** `silentMs`: how long a connection may be silent; a request may take three times that. */
  constructor(
    config: Influx1Config,
    {
      password,
      ca,
      silentMs = SILENT_MS,
    }: { password?: string | undefined; ca?: string | undefined; silentMs?: number } = {},
  ) {
    this.#limitMs = 3 * silentMs;
    this.#config = config;
    const { protocol, hostname, port, pathname } = new URL(config.url);
    const secure = protocol === "https:";
    this.#client = new InfluxDB({
      protocol: secure ? "https" : "http",
      host: hostname,
      port: port === "" ? (secure ? 443 : 80) : Number(port),
      path: pathname === "/" ? "" : pathname,
      database: config.database,
      username: config.username ?? "",
      password: password ?? "",
      // Trying again is the writer's: it knows what is still to be written.
      pool: { maxRetries: 0, requestTimeout: silentMs },
      ...(ca === undefined ? {} : { options: { ca } }),
    });
  }

  async prepare(): Promise<void> {
    const { url, database } = this.#config;
    const names = await this.#call(() => this.#client.getDatabaseNames());
    if (!names.includes(database))
      await this.#call(() => this.#client.createDatabase(database)).catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw E.SERIES_MISSING({ url, what: `database ${database}`, reason }, { cause });
      });
    await this.#retention();
  }

  async write(points: readonly InfluxPoint[]): Promise<void> {
    const { retentionPolicy } = this.#config;
    try {
      await this.#call(() =>
        this.#client.writePoints(
          points.map(({ measurement, at, tags, fields }) => ({ measurement, tags, fields, timestamp: at })),
          { precision: "ms", ...(retentionPolicy === undefined ? {} : { retentionPolicy }) },
        ),
      );
    } catch (error) {
      if (!isOnlyTooOld(error)) throw error;
    }
  }

  async ask(statements: readonly string[]): Promise<StatementSeries[]> {
    if (statements.length === 0) return [];
    const { retentionPolicy } = this.#config;
    const answer: unknown = await this.#call(() =>
      this.#client.queryRaw(statements.join("; "), {
        precision: "ms",
        ...(retentionPolicy === undefined ? {} : { retentionPolicy }),
      }),
    );
    return statementsOf(this.#config.url, answer);
  }

  /** The retention policy as it is configured; without any word on it, as it is found. */
  async #retention(): Promise<void> {
    const { retentionPolicy, keepDays, database } = this.#config;
    // A policy cannot be shorter than its shards.
    const shardHours = this.#config.shardHours ?? (keepDays === undefined ? undefined : shardHoursFor(keepDays));
    if (retentionPolicy === undefined && keepDays === undefined && shardHours === undefined) return;
    const name = retentionPolicy ?? "autogen";
    const there = await this.#call(() => this.#client.showRetentionPolicies(database));
    const verb = there.some((policy) => policy.name === name) ? "ALTER" : "CREATE";
    const clauses = [
      keepDays !== undefined || verb === "CREATE" ? `DURATION ${keepDays === undefined ? "INF" : `${keepDays}d`}` : "",
      verb === "CREATE" ? "REPLICATION 1" : "",
      shardHours === undefined ? "" : `SHARD DURATION ${shardHours}h`,
      "DEFAULT",
    ];
    const statement = `${verb} RETENTION POLICY ${quoted(name)} ON ${quoted(database)} ${clauses.filter(Boolean).join(" ")}`;
    await this.#call(() => this.#client.query(statement));
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await within(this.#limitMs, work);
    } catch (error) {
      const response = (error as { res?: { statusCode?: number } }).res;
      throw influxError(this.#config.url, error, response?.statusCode);
    }
  }
}

/** As InfluxDB chooses it for a new policy. */
function shardHoursFor(keepDays: number): number {
  if (keepDays < 2) return 1;
  return keepDays <= 180 ? 24 : 168;
}

/** What `/query` answered, by statement. */
export function statementsOf(url: string, answer: unknown): StatementSeries[] {
  const read = isAnswer(answer);
  if (!read.ok) throw E.SERIES_ANSWER({ url, reason: "no results of statements" });
  const { error, results = [] } = read.value;
  const reason = error ?? results.find((result) => result.error !== undefined)?.error;
  if (reason !== undefined) throw E.SERIES_FAILED({ url, reason });
  return results.map(({ series = [] }) => series);
}
