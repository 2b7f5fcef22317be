import { PanelBuilder as BarGauge } from "@grafana/grafana-foundation-sdk/bargauge";
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  BarGaugeDisplayMode,
  GraphDrawStyle,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
} from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as Stat } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeSeries } from "@grafana/grafana-foundation-sdk/timeseries";
import { DATASOURCE, type InfluxQuery } from "./influxql.js";

/** One panel: what it says, of what, in which unit, and from when on that is not well. */
export interface PanelSpec {
  readonly title: string;
  /** What it answers, and what it does not. */
  readonly description: string;
  readonly queries: readonly InfluxQuery[];
  /** Lines over time, the newest figure, or a bar for each line's newest. */
  readonly shows: "lines" | "stacked" | "figure" | "bars";
  /** Grafana's id of the unit. */
  readonly unit: string;
  /** From these values on it is worth a look, and bad; the other way round where `bad` is less than `look`. */
  readonly limits?: { readonly look: number; readonly bad: number };
  /** Of 24 columns. */
  readonly width: number;
  /** Where the page of the app tells more. */
  readonly app?: { readonly title: string; readonly path: string };
}

const HEIGHT = 8;
const GREEN = "green";

export function panelOf(spec: PanelSpec, id: number): Builder<Panel> {
  const { title, description, queries, unit, width, app } = spec;
  const begun = builderOf(spec)
    .id(id)
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .targets(queries.map((query, n) => query.named(String.fromCharCode(65 + n))))
    .unit(unit)
    .thresholds(thresholdsOf(spec))
    // Points are of whole minutes.
    .interval("1m")
    .span(width)
    .height(HEIGHT);
  if (app !== undefined)
    begun.links([
      new DashboardLinkBuilder(app.title).type(DashboardLinkType.Link).url(`\${app}${app.path}`).targetBlank(true),
    ]);
  return begun;
}

function builderOf({ shows }: PanelSpec): TimeSeries | Stat | BarGauge {
  const newest = new ReduceDataOptionsBuilder().calcs(["lastNotNull"]);
  switch (shows) {
    case "figure":
      return new Stat().reduceOptions(newest);
    case "bars":
      return new BarGauge()
        .reduceOptions(newest)
        .orientation(VizOrientation.Horizontal)
        .displayMode(BarGaugeDisplayMode.Basic);
    case "lines":
    case "stacked": {
      const lines = new TimeSeries()
        .drawStyle(GraphDrawStyle.Line)
        .showPoints(VisibilityMode.Auto)
        .legend(new VizLegendOptionsBuilder().showLegend(true));
      return shows === "lines"
        ? lines
        : lines.fillOpacity(30).stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"));
    }
  }
}

function thresholdsOf({ limits }: PanelSpec): ThresholdsConfigBuilder {
  const builder = new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute);
  if (limits === undefined) return builder.steps([{ value: null, color: GREEN }]);
  const { look, bad } = limits;
  return builder.steps(
    bad >= look
      ? [
          { value: null, color: GREEN },
          { value: look, color: "orange" },
          { value: bad, color: "red" },
        ]
      : [
          { value: null, color: "red" },
          { value: bad, color: "orange" },
          { value: look, color: GREEN },
        ],
  );
}
