import type { DashboardSpec } from "../dashboard.js";
import { InfluxQuery } from "../influxql.js";
import { EQUIPMENT } from "../variables.js";

const where = { kind: "kind" } as const;
const find = { title: "Find in Storeward", path: "/" };

export const equipment: DashboardSpec = {
  uid: "storeward-equipment",
  title: "equipment",
  description: "Which equipment is used and which lies idle. Equipment is what has a home place.",
  variables: [EQUIPMENT],
  panels: [
    {
      title: "Share in use",
      description:
        "Pieces away from home, of those whose place is known. Away is taken for in use: what it is used for is not seen.",
      queries: [InfluxQuery.ratio("utilisation", "away", "placed", { by: ["kind"], where })],
      shows: "lines",
      unit: "percentunit",
      limits: { look: 0.8, bad: 0.95 },
      width: 12,
    },
    {
      title: "Away from home",
      description: "Pieces that are somewhere else than in or below their home place.",
      queries: [InfluxQuery.total("utilisation", "away", { by: ["kind"], where })],
      shows: "stacked",
      unit: "short",
      width: 12,
      app: find,
    },
    {
      title: "Outside their area",
      description:
        "Pieces that have been for too long where their kind may not be, by the rules of kinds in Storeward. 0: all that have such a rule are where they may be.",
      queries: [InfluxQuery.total("troubles", "wrong_place", { by: ["kind"], where })],
      shows: "lines",
      unit: "short",
      limits: { look: 1, bad: 5 },
      width: 12,
      app: { title: "In a wrong place", path: "/trouble/wrong-place" },
    },
    {
      title: "Overdue",
      description:
        "Pieces with a home that were not seen for longer than their kind allows, though everywhere they may be has been watched meanwhile.",
      queries: [InfluxQuery.total("troubles", "missing", { by: ["kind"], where })],
      shows: "lines",
      unit: "short",
      limits: { look: 1, bad: 5 },
      width: 12,
      app: { title: "Missing", path: "/trouble/missing" },
    },
    {
      title: "Pieces whose place is known",
      description: "Of each kind; what is missing from the count has not been seen, or went where nobody watches.",
      queries: [InfluxQuery.total("utilisation", "placed", { by: ["kind"], where })],
      shows: "bars",
      unit: "short",
      width: 12,
      app: find,
    },
    {
      title: "Idle: how long a piece stays in one place",
      description: "Of the stays that ended in a step. Long ones are equipment that nobody uses.",
      queries: [InfluxQuery.ratio("dwell", "seconds", "count", { by: ["kind"], where })],
      shows: "lines",
      unit: "s",
      width: 12,
    },
  ],
};
