import type { DashboardSpec } from "../dashboard.js";
import { InfluxQuery } from "../influxql.js";
import { DOOR, KIND, PLACE } from "../variables.js";

const where = { place: "place", kind: "kind" } as const;
const find = { title: "Find in Storeward", path: "/" };

export const places: DashboardSpec = {
  uid: "storeward-where",
  title: "where are things",
  description: "How many things are where, which doors they go through, and how long they stay.",
  variables: [PLACE, KIND, DOOR],
  panels: [
    {
      title: "Things in each place",
      description: "Tagged things by what has settled, whether or not the place is watched just now.",
      queries: [InfluxQuery.total("occupancy", "items", { by: ["place"], where })],
      shows: "stacked",
      unit: "short",
      width: 12,
      app: find,
    },
    {
      title: "Things in each place, now",
      description: "The newest figure of each place.",
      queries: [InfluxQuery.total("occupancy", "items", { by: ["place"], where })],
      shows: "bars",
      unit: "short",
      width: 12,
      app: find,
    },
    {
      title: "Passages",
      description: "Through each door and in which direction; what goes through together is one.",
      queries: [
        InfluxQuery.field("passages", "count", { by: ["read_point", "direction"], where: { read_point: "door" } }),
      ],
      shows: "lines",
      unit: "short",
      width: 12,
    },
    {
      title: "Arrivals",
      description: "Things that came to a place and stayed for half a minute.",
      queries: [InfluxQuery.field("arrivals", "count", { by: ["place"], where })],
      shows: "stacked",
      unit: "short",
      width: 12,
    },
    {
      title: "Mean stay",
      description: "How long stays lasted that ended in a step; those that go on are not in it.",
      queries: [InfluxQuery.ratio("dwell", "seconds", "count", { by: ["place"], where })],
      shows: "lines",
      unit: "s",
      width: 12,
    },
    {
      title: "Longest stay",
      description: "The longest of the stays that ended in a step.",
      queries: [InfluxQuery.field("dwell", "longest", { by: ["place"], where })],
      shows: "lines",
      unit: "s",
      width: 12,
    },
  ],
};
