import type { DashboardSpec } from "../dashboard.js";
import { InfluxQuery } from "../influxql.js";
import { KIND, PLACE } from "../variables.js";

const where = { place: "place", kind: "kind" } as const;
const find = { title: "Find in Storeward", path: "/" };

export const onHand: DashboardSpec = {
  uid: "storeward-on-hand",
  title: "units on hand",
  description: "Tagged units of each kind in each place, now and over time.",
  variables: [PLACE, KIND],
  panels: [
    {
      title: "On hand, now",
      description: "Tagged units of each kind in each place. Untagged stock is not in it.",
      queries: [InfluxQuery.field("occupancy", "items", { by: ["place", "kind"], where })],
      shows: "bars",
      unit: "short",
      limits: { look: 3, bad: 1 },
      width: 12,
      app: find,
    },
    {
      title: "On hand of each kind",
      description: "In all chosen places together.",
      queries: [InfluxQuery.total("occupancy", "items", { by: ["kind"], where })],
      shows: "lines",
      unit: "short",
      width: 12,
      app: find,
    },
    {
      title: "Came in",
      description: "Units of each kind that came to a chosen place and stayed.",
      queries: [InfluxQuery.field("arrivals", "count", { by: ["kind"], where })],
      shows: "stacked",
      unit: "short",
      width: 12,
    },
    {
      title: "Went out",
      description: "Units of each kind whose stay in a chosen place has ended.",
      queries: [InfluxQuery.field("dwell", "count", { by: ["kind"], where })],
      shows: "stacked",
      unit: "short",
      width: 12,
    },
  ],
};
