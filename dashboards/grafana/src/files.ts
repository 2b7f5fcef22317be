import { stringify } from "yaml";
import { ALERTS, contactPoints, policies, ruleOf } from "./alerting.js";
import { dashboardOf } from "./dashboard.js";
import { DASHBOARDS } from "./dashboards/index.js";
import { DATASOURCE } from "./influxql.js";

/** Everything that Grafana is given, by its path below `generated/`. */
export function files(): Map<string, string> {
  const folder = "Storeward";
  const yaml = (value: object) =>
    `# Made by npm run grafana. Change dashboards/grafana/src instead.\n${stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })}`;
  return new Map([
    ...DASHBOARDS.map(
      (spec) => [`dashboards/${spec.uid}.json`, `${JSON.stringify(dashboardOf(spec), null, 2)}\n`] as const,
    ),
    [
      "provisioning/dashboards/storeward.yaml",
      yaml({
        apiVersion: 1,
        providers: [
          {
            name: "storeward",
            folder,
            type: "file",
            allowUiUpdates: false,
            options: { path: "/etc/grafana/storeward/dashboards" },
          },
        ],
      }),
    ],
    ["provisioning/datasources/storeward.yaml", yaml(dataSources())],
    [
      "provisioning/alerting/rules.yaml",
      // Of rules Grafana takes queries and annotations as they are, and their dollars for no environment's.
      yaml({
        apiVersion: 1,
        groups: [{ orgId: 1, name: "storeward", folder, interval: "10s", rules: ALERTS.map(ruleOf) }],
      }),
    ],
    ["provisioning/alerting/contact-points.yaml", yaml(contactPoints())],
    ["provisioning/alerting/policies.yaml", yaml(policies())],
  ]);
}

/** Where InfluxDB is, Grafana reads from its environment. */
function dataSources(): object {
  /* biome-ignore-start lint/suspicious/noTemplateCurlyInString: Grafana reads them from its environment */
  return {
    apiVersion: 1,
    datasources: [
      {
        name: "Storeward",
        ...DATASOURCE,
        access: "proxy",
        isDefault: true,
        url: "${STOREWARD_INFLUX_URL}",
        user: "${STOREWARD_INFLUX_USER}",
        jsonData: { dbName: "${STOREWARD_INFLUX_DATABASE}", httpMode: "POST", timeInterval: "1m" },
        secureJsonData: { password: "${STOREWARD_INFLUX_PASSWORD}" },
      },
    ],
  };
  /* biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above */
}
