import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import { panelId } from "./dashboard.js";
import { DASHBOARDS } from "./dashboards/index.js";
import { DATASOURCE, InfluxQuery } from "./influxql.js";

/** What wakes somebody up. */
export interface AlertSpec {
  readonly uid: string;
  readonly title: string;
  /** What has happened, with `{{ $labels.… }}` and `{{ $values.… }}` of Grafana. */
  readonly summary: string;
  /** What to do about it. */
  readonly description: string;
  readonly severity: "critical" | "warning";
  readonly query: InfluxQuery;
  /** Seconds before now that the query looks at, from and to. */
  readonly range: { readonly from: number; readonly to: number };
  /** How the steps of the range become one figure. */
  readonly reduce: "last" | "max" | "sum";
  /** It is alarming above, or below. */
  readonly above?: number;
  readonly below?: number;
  /** For how long before somebody is told. */
  readonly lasts: string;
  /** The panel that shows it: uid of its dashboard, and its title there. */
  readonly shown: { readonly on: string; readonly as: string };
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** Of the minute that goes on so much has passed at least, with the two seconds that points take: an agent tells of itself every 10 s. */
const BEHIND = 20;

export const ALERTS: readonly AlertSpec[] = [
  {
    uid: "storeward-gateway-dark",
    title: "Gateway dark",
    summary: "The gateway {{ $labels.agent }} tells nothing",
    description:
      "Nothing that moves past its antennas is seen until it is back; what it journals meanwhile comes later. Look at its power, its network, and its status page.",
    severity: "critical",
    query: InfluxQuery.field("gateway", "samples", { by: ["agent"], fill: "0", step: "1m" }),
    range: { from: HOUR, to: BEHIND },
    reduce: "last",
    below: 1,
    lasts: "0s",
    shown: { on: "storeward-trust", as: "Signs of life of gateways" },
  },
  {
    uid: "storeward-antenna-blind",
    title: "Antenna blind",
    summary: "Antenna {{ $labels.antenna }} of {{ $labels.reader }} ({{ $labels.agent }}) does not watch",
    description: "What moves past it is not seen. Look at its cable, and at the reader.",
    severity: "warning",
    query: InfluxQuery.field("antenna", "watching", { by: ["agent", "reader", "antenna"], step: "1m" }),
    range: { from: 10 * MINUTE, to: 0 },
    reduce: "last",
    below: 0.5,
    lasts: "2m",
    shown: { on: "storeward-trust", as: "Antennas watching" },
  },
  {
    uid: "storeward-delay",
    title: "Observations come late",
    summary: "What {{ $labels.agent }} observes takes more than a minute to arrive",
    description: "Places are shown as they were. Look at its network, and at how many rows wait there.",
    severity: "warning",
    query: InfluxQuery.field("delay", "p95", { by: ["agent"], step: "1m" }),
    range: { from: 10 * MINUTE, to: 0 },
    reduce: "last",
    above: MINUTE,
    lasts: "2m",
    shown: { on: "storeward-trust", as: "From observed to recorded, 95 %" },
  },
  {
    uid: "storeward-gap",
    title: "Observations lost for good",
    summary: "{{ $labels.agent }} has declared observations lost",
    description: "Its storage was full or damaged. The gap is in its history; count what it watched.",
    severity: "critical",
    query: InfluxQuery.field("gaps", "lost", { by: ["agent"], fill: "0", step: "1m" }),
    range: { from: HOUR, to: 0 },
    reduce: "sum",
    above: 0,
    lasts: "0s",
    shown: { on: "storeward-trust", as: "Declared lost" },
  },
  {
    uid: "storeward-equipment-away",
    title: "Equipment has left its area",
    summary: "Nearly every {{ $labels.kind }} is away from its home",
    description: "Nine of ten are somewhere else than at home: whoever needs one will not find it there.",
    severity: "warning",
    query: InfluxQuery.ratio("utilisation", "away", "placed", { by: ["kind"], step: "1m" }),
    range: { from: 10 * MINUTE, to: MINUTE },
    reduce: "last",
    above: 0.9,
    lasts: "10m",
    shown: { on: "storeward-equipment", as: "Share in use" },
  },
  {
    uid: "storeward-on-hand-low",
    title: "Few units on hand",
    summary: "Fewer than two of {{ $labels.kind }} in {{ $labels.place }}",
    description: "Tagged units by what has settled. Untagged stock is not counted.",
    severity: "warning",
    query: InfluxQuery.total("occupancy", "items", { by: ["place", "kind"], fill: "0", step: "1m" }),
    range: { from: HOUR, to: 2 * MINUTE },
    reduce: "last",
    below: 2,
    lasts: "10m",
    shown: { on: "storeward-on-hand", as: "On hand, now" },
  },
];

/** As Grafana's provisioning reads rules: the query, one figure of it for each of its lines, and the threshold. */
export function ruleOf(spec: AlertSpec): object {
  const { uid, title, summary, description, severity, query, range, reduce, above, below, lasts } = spec;
  const panel = panelOf(spec);
  const evaluator = above === undefined ? { type: "lt", params: [below ?? 0] } : { type: "gt", params: [above] };
  const expression = (refId: string, model: object) => ({
    refId,
    relativeTimeRange: { from: 0, to: 0 },
    datasourceUid: "__expr__",
    model: { refId, datasource: { type: "__expr__", uid: "__expr__" }, ...model },
  });
  return {
    uid,
    title,
    condition: "C",
    data: [
      {
        refId: "A",
        relativeTimeRange: range,
        datasourceUid: DATASOURCE.uid,
        model: modelOf(query.named("A")),
      },
      expression("B", { type: "reduce", expression: "A", reducer: reduce }),
      expression("C", { type: "threshold", expression: "B", conditions: [{ evaluator }] }),
    ],
    noDataState: "OK",
    execErrState: "Error",
    for: lasts,
    ...panel,
    // As Grafana writes them itself. One without the other is refused, and Grafana does not start.
    annotations: { summary, description, __dashboardUid__: panel.dashboardUid, __panelId__: String(panel.panelId) },
    labels: { severity },
  };
}

function panelOf({ shown }: AlertSpec): { readonly dashboardUid: string; readonly panelId: number } {
  const index =
    DASHBOARDS.find(({ uid }) => uid === shown.on)?.panels.findIndex(({ title }) => title === shown.as) ?? -1;
  if (index < 0) throw new RangeError(`there is no panel ${shown.as} on ${shown.on}`);
  return { dashboardUid: shown.on, panelId: panelId(index) };
}

export const CONTACT = "storeward";

/** Who is told: by e-mail, to an address that whoever starts Grafana names. */
export const contactPoints = (): object => ({
  apiVersion: 1,
  contactPoints: [
    {
      orgId: 1,
      name: CONTACT,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana reads it from its environment
      receivers: [{ uid: "storeward-mail", type: "email", settings: { addresses: "${STOREWARD_ALERT_EMAIL}" } }],
    },
  ],
});

/** Critical at once and again every hour, the rest gathered. */
export const policies = (): object => ({
  apiVersion: 1,
  policies: [
    {
      orgId: 1,
      receiver: CONTACT,
      group_by: ["alertname"],
      group_wait: "30s",
      group_interval: "5m",
      repeat_interval: "12h",
      routes: [
        {
          receiver: CONTACT,
          object_matchers: [["severity", "=", "critical"]],
          group_wait: "0s",
          group_interval: "1m",
          repeat_interval: "1h",
        },
      ],
    },
  ],
});

function modelOf(query: Builder<Dataquery>): object {
  return { ...query.build(), intervalMs: 60_000, maxDataPoints: 1_000 };
}
