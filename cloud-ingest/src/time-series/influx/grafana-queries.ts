import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const GENERATED = join(import.meta.dirname, "../../../../dashboards/grafana/generated");

/** A query that Grafana asks: of a panel, a variable or a rule. For tests. */
export interface GrafanaQuery {
  /** Whose it is: "operations: Reads of each antenna". */
  readonly of: string;
  readonly kind: "panel" | "variable" | "rule";
  readonly query: string;
}

interface Dashboard {
  readonly title: string;
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly query: string }[] }[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: string }[];
  };
}

/** All queries of the generated dashboards and rules. */
export function grafanaQueries(): GrafanaQuery[] {
  const dashboards = readdirSync(join(GENERATED, "dashboards")).map(
    (name) => JSON.parse(readFileSync(join(GENERATED, "dashboards", name), "utf8")) as Dashboard,
  );
  return [...dashboards.flatMap(ofDashboard), ...rules()];
}

function ofDashboard({ title, panels, templating }: Dashboard): GrafanaQuery[] {
  const variables = templating.list.filter(({ type }) => type === "query");
  return [
    ...panels.flatMap((panel) =>
      panel.targets.map(({ query }) => ({ of: `${title}: ${panel.title}`, kind: "panel" as const, query })),
    ),
    ...variables.map(({ name, query }) => ({ of: `${title}: ${name}`, kind: "variable" as const, query })),
  ];
}

function rules(): GrafanaQuery[] {
  const text = readFileSync(join(GENERATED, "provisioning/alerting/rules.yaml"), "utf8");
  const found = [...text.matchAll(/^ +- uid: (\S+)|^ +query: (SELECT .*)$/gm)];
  return found.flatMap(([, uid], n) =>
    uid === undefined ? [] : [{ of: uid, kind: "rule" as const, query: found[n + 1]?.[2] ?? "" }],
  );
}

/** A query as it is when nothing is chosen, for the hour before `now`. */
export function askedNow(query: string, now: number): string {
  return query
    .replaceAll("$timeFilter", `time >= ${now - 3_600_000}ms AND time <= ${now}ms`)
    .replaceAll("$__interval", "1m")
    .replaceAll(/\/\^\$\{\w+:regex\}\$\//g, "/^.*$/");
}

/** The figures of each series of an answer of InfluxDB 1.x. Throws what it says was wrong. */
export async function askInflux(url: string, database: string, query: string): Promise<(string | number)[][]> {
  const answer = await fetch(`${url}/query?db=${database}&q=${encodeURIComponent(query)}`, { method: "POST" });
  const { results, error } = (await answer.json()) as {
    results?: readonly {
      error?: string;
      series?: readonly { values: readonly (readonly (string | number | null)[])[] }[];
    }[];
    error?: string;
  };
  const wrong = error ?? results?.[0]?.error;
  if (wrong !== undefined) throw new Error(`${wrong}: ${query}`);
  return (results?.[0]?.series ?? []).map(({ values }) =>
    values.flatMap(([, figure]) => (figure === null || figure === undefined ? [] : [figure])),
  );
}
