import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const RULES = join(import.meta.dirname, "../../../dashboards/grafana/generated/provisioning/alerting/rules.yaml");

interface Node {
  readonly refId: string;
  /** Seconds before now. */
  readonly relativeTimeRange: { readonly from: number; readonly to: number };
  readonly model: {
    readonly query?: string;
    readonly type?: "reduce" | "threshold";
    readonly expression?: string;
    readonly reducer?: "last" | "max" | "sum";
    readonly conditions?: readonly { readonly evaluator: { readonly type: "gt" | "lt"; readonly params: number[] } }[];
  };
}

interface Rule {
  readonly uid: string;
  readonly condition: string;
  readonly noDataState: string;
  readonly data: readonly Node[];
}

type Labels = Readonly<Record<string, string>>;
interface Line {
  readonly labels: Labels;
  readonly values: readonly number[];
}

/** An alert rule as it is provisioned, judged as Grafana does: its query, each line's one figure, and the threshold. */
export class GrafanaRule {
  readonly #rule: Rule;
  readonly #url: string;
  readonly #database: string;

  constructor(uid: string, influxUrl: string, database: string) {
    const provisioned = parse(readFileSync(RULES, "utf8")) as { groups: { rules: Rule[] }[] };
    const rule = provisioned.groups.flatMap(({ rules }) => rules).find((one) => one.uid === uid);
    if (rule === undefined) throw new RangeError(`no rule ${uid}`);
    if (rule.noDataState !== "OK") throw new RangeError(`${uid} alarms without data: that is not judged here`);
    this.#rule = rule;
    this.#url = influxUrl;
    this.#database = database;
  }

  /** The labels of those lines of which it says that they are alarming, and of the others. `now` in ms since 1970. */
  async judge(now: number): Promise<{ readonly alarming: Labels[]; readonly well: Labels[] }> {
    const lines = await this.#node(this.#rule.condition, now);
    const of = (alarming: boolean) => lines.filter(({ values }) => (values[0] !== 0) === alarming);
    return { alarming: of(true).map(({ labels }) => labels), well: of(false).map(({ labels }) => labels) };
  }

  async #node(refId: string, now: number): Promise<Line[]> {
    const node = this.#rule.data.find((one) => one.refId === refId);
    if (node === undefined) throw new RangeError(`no ${refId} in ${this.#rule.uid}`);
    const { type, query, expression = "", reducer, conditions = [] } = node.model;
    if (query !== undefined) return this.#ask(query, node, now);
    const lines = await this.#node(expression, now);
    if (type === "reduce") return lines.map(({ labels, values }) => ({ labels, values: [reduced(values, reducer)] }));
    const [{ evaluator } = { evaluator: undefined }] = conditions;
    const limit = evaluator?.params[0] ?? Number.NaN;
    const isBeyond = (value = Number.NaN) => (evaluator?.type === "lt" ? value < limit : value > limit);
    return lines.map(({ labels, values }) => ({ labels, values: [isBeyond(values[0]) ? 1 : 0] }));
  }

  async #ask(text: string, { relativeTimeRange: { from, to } }: Node, now: number): Promise<Line[]> {
    const filter = `time >= ${now - from * 1000}ms AND time <= ${now - to * 1000}ms`;
    const q = text.replaceAll("$timeFilter", filter);
    const answer = await fetch(`${this.#url}/query?${new URLSearchParams({ db: this.#database, q })}`);
    const { results, error } = (await answer.json()) as {
      error?: string;
      results?: { error?: string; series?: { tags?: Labels; values: [string, number | null][] }[] }[];
    };
    const wrong = error ?? results?.[0]?.error;
    if (wrong !== undefined) throw new Error(`${wrong}: ${q}`);
    return (results?.[0]?.series ?? []).map(({ tags = {}, values }) => ({
      labels: tags,
      values: values.flatMap(([, value]) => (value === null ? [] : [value])),
    }));
  }
}

function reduced(values: readonly number[], reducer: "last" | "max" | "sum" | undefined): number {
  if (reducer === "last") return values.at(-1) ?? Number.NaN;
  if (reducer === "max") return Math.max(...values);
  if (reducer === "sum") return values.reduce((sum, value) => sum + value, 0);
  throw new RangeError(`no reducer ${reducer}`);
}
