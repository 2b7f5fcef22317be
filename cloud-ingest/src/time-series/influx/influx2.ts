import { HttpError, InfluxDB, Point } from "@influxdata/influxdb-client";
import type { SeriesTarget } from "@storeward/contracts";
import { validator } from "@storeward/runtime";
import { Type } from "typebox";
import { SILENT_MS, within } from "./deadline.js";
import { E, influxError, isOnlyTooOld } from "./errors.js";
import type { InfluxConnection, InfluxPoint } from "./influx-series.js";
import { statementsOf } from "./influx1.js";
import type { StatementSeries } from "./influxql.js";

export type Influx2Config = Extract<SeriesTarget, { kind: "influx2" }>;

const Named = Type.Object({ id: Type.String() });
const isOrgs = validator(Type.Object({ orgs: Type.Optional(Type.Array(Named)) }));
const isBuckets = validator(Type.Object({ buckets: Type.Optional(Type.Array(Named)) }));
const isBucket = validator(Named);
const isMappings = validator(
  Type.Object({
    content: Type.Optional(Type.Array(Type.Object({ database: Type.String(), bucketID: Type.String() }))),
  }),
);

/** InfluxDB 2.x, and 3.x by what it keeps of it: line protocol to `/api/v2/write`, InfluxQL to `/query` with the bucket as database. */
export class Influx2 implements InfluxConnection {
  readonly #config: Influx2Config;
  readonly #client: InfluxDB;

  readonly #limitMs: number;

  /** `silentMs`: how long a connection may be silent; a request may take three times that. */
  constructor(
    config: Influx2Config,
    { token, ca, silentMs = SILENT_MS }: { token: string; ca?: string | undefined; silentMs?: number },
  ) {
    this.#limitMs = 3 * silentMs;
    this.#config = config;
    this.#client = new InfluxDB({
      url: config.url,
      token,
      timeout: silentMs,
      ...(ca === undefined ? {} : { transportOptions: { ca } }),
    });
  }

  /** The bucket, and on 2.x the mapping under which InfluxQL finds it. A 3.x has neither API and needs neither. */
  async prepare(): Promise<void> {
    const { org, bucket } = this.#config;
    const orgs = await this.#api(`/api/v2/orgs?${new URLSearchParams({ org })}`).catch((error: unknown) => {
      if (error instanceof Error && notFound(error)) return {};
      throw error;
    });
    if (orgs === undefined) return;
    const orgID = read(isOrgs, orgs)?.orgs?.[0]?.id;
    if (orgID === undefined) throw this.#missing(`organisation ${org}`, "it is not in the list of those we may see");
    const bucketID = await this.#bucketId(orgID);
    const mappings = read(isMappings, await this.#api(`/api/v2/dbrps?${new URLSearchParams({ orgID, db: bucket })}`));
    if (mappings?.content?.some((mapping) => mapping.database === bucket && mapping.bucketID === bucketID)) return;
    await this.#api("/api/v2/dbrps", { orgID, bucketID, database: bucket, retention_policy: "autogen", default: true });
  }

  async write(points: readonly InfluxPoint[]): Promise<void> {
    const { org, bucket } = this.#config;
    const lines = points.map(lineOf).join("\n");
    try {
      await this.#call(() =>
        this.#client.transport.request(
          `/api/v2/write?${new URLSearchParams({ org, bucket, precision: "ms" })}`,
          lines,
          {
            method: "POST",
            headers: { "content-type": "text/plain; charset=utf-8" },
          },
        ),
      );
    } catch (error) {
      if (!isOnlyTooOld(error)) throw error;
    }
  }

  async ask(statements: readonly string[]): Promise<StatementSeries[]> {
    if (statements.length === 0) return [];
    const { bucket, url } = this.#config;
    const query = new URLSearchParams({ db: bucket, epoch: "ms", q: statements.join("; ") });
    const answer = await this.#call(() =>
      this.#client.transport.request("/query", query.toString(), {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      }),
    );
    return statementsOf(url, typeof answer === "string" ? JSON.parse(answer) : answer);
  }

  async #bucketId(orgID: string): Promise<string> {
    const { bucket: name, keepDays } = this.#config;
    const found = read(isBuckets, await this.#api(`/api/v2/buckets?${new URLSearchParams({ orgID, name })}`));
    const id = found?.buckets?.[0]?.id;
    if (id !== undefined) return id;
    const retentionRules = keepDays === undefined ? [] : [{ type: "expire", everySeconds: keepDays * 86_400 }];
    const made = read(isBucket, await this.#api("/api/v2/buckets", { orgID, name, retentionRules }));
    if (made === undefined) throw this.#missing(`bucket ${name}`, "it was not made");
    return made.id;
  }

  #missing(what: string, reason: string): Error {
    return E.SERIES_MISSING({ url: this.#config.url, what, reason });
  }

  /** Asks the management API; with a body, makes something. Undefined where there is no such API. */
  async #api(path: string, body?: object): Promise<unknown> {
    try {
      return await within(this.#limitMs, () =>
        this.#client.transport.request(path, body ?? "", {
          method: body === undefined ? "GET" : "POST",
          headers: { "content-type": "application/json" },
        }),
      );
    } catch (error) {
      const failed = this.#error(error);
      if (error instanceof HttpError && error.statusCode === 404 && !notFound(failed)) return undefined;
      throw failed;
    }
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await within(this.#limitMs, work);
    } catch (error) {
      throw this.#error(error);
    }
  }

  #error(error: unknown): Error {
    return influxError(this.#config.url, error, error instanceof HttpError ? error.statusCode : undefined);
  }
}

/** A 2.x says so of what it was asked for; where there is no such API, the answer is another. */
function notFound({ cause }: { readonly cause?: unknown }): boolean {
  return cause instanceof HttpError && cause.statusCode === 404 && cause.code === "not found";
}

function lineOf({ measurement, at, tags, fields }: InfluxPoint): string {
  const point = new Point(measurement).timestamp(String(at.getTime()));
  for (const [name, value] of Object.entries(tags)) point.tag(name, value);
  for (const [name, value] of Object.entries(fields)) point.floatField(name, value);
  return point.toLineProtocol() ?? "";
}

function read<T>(check: (value: unknown) => { ok: true; value: T } | { ok: false }, value: unknown): T | undefined {
  const answer = check(value);
  return answer.ok ? answer.value : undefined;
}
