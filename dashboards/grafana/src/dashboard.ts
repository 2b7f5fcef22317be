import {
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DATASOURCE } from "./influxql.js";
import { type PanelSpec, panelOf } from "./panels.js";

export interface VariableSpec {
  readonly name: string;
  readonly label: string;
  /** Of the values to choose from. */
  readonly query: string;
}

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  /** The question it answers. */
  readonly description: string;
  readonly variables: readonly VariableSpec[];
  readonly panels: readonly PanelSpec[];
}

/** Every dashboard has it, and links to all that have. */
export const TAG = "storeward";

export function dashboardOf({ uid, title, description, variables, panels }: DashboardSpec): object {
  const builder = new DashboardBuilder(`Storeward: ${title}`)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .timezone("browser")
    .time({ from: "now-6h", to: "now" })
    .refresh("30s")
    .readonly()
    .withVariable(appVariable())
    .links([
      new DashboardLinkBuilder("Other dashboards")
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .keepTime(true),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own variable
      new DashboardLinkBuilder("Storeward").type(DashboardLinkType.Link).url("${app}").targetBlank(true),
    ]);
  for (const variable of variables) builder.withVariable(variableOf(variable));
  for (const [n, panel] of panels.entries()) builder.withPanel(panelOf(panel, panelId(n)));
  return builder.build();
}

/** Of the panel at this place in its dashboard: what alert rules refer to. */
export const panelId = (index: number): number => index + 1;

/** Where the app is, for links into it. */
function appVariable(): TextBoxVariableBuilder {
  return new TextBoxVariableBuilder("app").label("Address of Storeward").defaultValue("http://localhost:8080");
}

function variableOf({ name, label, query }: VariableSpec): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(".*");
}
