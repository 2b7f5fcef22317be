import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import { type Measurement, type SERIES, seriesSpec, type TagName } from "@storeward/contracts";

/** Uid of the data source that every panel and rule asks. */
export const DATASOURCE = { type: "influxdb", uid: "storeward" } as const;

type FieldOf<M extends Measurement> = Extract<keyof (typeof SERIES)[M]["fields"], string>;
type TagOf<M extends Measurement> = (typeof SERIES)[M]["tags"][number];

export interface Question<M extends Measurement> {
  /** One line for each value of these tags; without any, one line. */
  readonly by?: readonly TagOf<M>[];
  /** Only where a tag is what a variable of the dashboard says: `{ place: "place" }` for `$place`. */
  readonly where?: Partial<Record<TagOf<M>, string>>;
  /** Of a length of time without points: nothing, or 0. */
  readonly fill?: "none" | "0";
  /** Length of a step; what suits the panel, where absent. */
  readonly step?: string;
}

/** An InfluxQL query as Grafana's data source for InfluxDB takes it; understood by InfluxDB 1.x, 2.x and 3.x. */
export class InfluxQuery implements Builder<Dataquery> {
  readonly text: string;
  readonly #alias: string;
  #refId = "A";

  private constructor(text: string, alias: string) {
    this.text = text;
    this.#alias = alias;
  }

  /** A field over the points of each step: their sum, mean or maximum, as the field's own table says. */
  static field<M extends Measurement>(measurement: M, field: FieldOf<M>, question: Question<M> = {}): InfluxQuery {
    return InfluxQuery.#ask(measurement, over(measurement, field), question);
  }

  /** What is there at a time, over all tags that the answer does not tell apart: the sum of each one's mean. */
  static total<M extends Measurement>(measurement: M, field: FieldOf<M>, question: Question<M> = {}): InfluxQuery {
    const each = `SELECT mean("${field}") AS "each" FROM "${measurement}" WHERE ${conditions(question)} GROUP BY ${groups(question, seriesSpec(measurement).tags)} fill(none)`;
    const by = question.by ?? [];
    const text = `SELECT sum("each") FROM (${each}) WHERE $timeFilter GROUP BY ${groups(question, by)} fill(${question.fill ?? "none"})`;
    return new InfluxQuery(text, aliasOf(by));
  }

  /** One field over another, each added up. */
  static ratio<M extends Measurement>(
    measurement: M,
    part: FieldOf<M>,
    whole: FieldOf<M>,
    question: Question<M> = {},
  ): InfluxQuery {
    return InfluxQuery.#ask(measurement, `sum("${part}") / sum("${whole}")`, question);
  }

  static #ask<M extends Measurement>(measurement: M, what: string, question: Question<M>): InfluxQuery {
    const by = question.by ?? [];
    const text = `SELECT ${what} FROM "${measurement}" WHERE ${conditions(question)} GROUP BY ${groups(question, by)} fill(${question.fill ?? "none"})`;
    return new InfluxQuery(text, aliasOf(by));
  }

  /** Which letter the answer has among those of a panel or rule. */
  named(refId: string): this {
    this.#refId = refId;
    return this;
  }

  build(): Dataquery {
    const { text: query } = this;
    const target = {
      refId: this.#refId,
      datasource: DATASOURCE,
      rawQuery: true,
      query,
      resultFormat: "time_series",
      ...(this.#alias === "" ? {} : { alias: this.#alias }),
    };
    return { ...target, _implementsDataqueryVariant: undefined } as unknown as Dataquery;
  }
}

/** The values of a tag, for a variable. */
export const tagValues = <M extends Measurement>(measurement: M, tag: TagOf<M>): string =>
  `SHOW TAG VALUES FROM "${measurement}" WITH KEY = "${tag}"`;

function over<M extends Measurement>(measurement: M, field: FieldOf<M>): string {
  const { over: how = "sum" } = seriesSpec(measurement).fields[field] ?? {};
  return `${how}("${field}")`;
}

function conditions({ where = {} }: { readonly where?: Partial<Record<TagName, string>> }): string {
  // As a regular expression: a kind may have slashes, brackets and dots in its name.
  const tags = Object.entries(where).map(([tag, variable]) => `"${tag}" =~ /^\${${variable}:regex}$/`);
  return ["$timeFilter", ...tags].join(" AND ");
}

function groups({ step = "$__interval" }: { readonly step?: string }, by: readonly TagName[]): string {
  return [`time(${step})`, ...by.map((tag) => `"${tag}"`)].join(", ");
}

const aliasOf = (by: readonly TagName[]): string => by.map((tag) => `$tag_${tag}`).join(" ");
