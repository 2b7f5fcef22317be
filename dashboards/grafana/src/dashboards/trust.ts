import type { DashboardSpec } from "../dashboard.js";
import { InfluxQuery } from "../influxql.js";
import { GATEWAY } from "../variables.js";

const where = { agent: "gateway" } as const;
const gateways = { title: "Gateways in Storeward", path: "/gateways" };

export const trust: DashboardSpec = {
  uid: "storeward-trust",
  title: "can I trust what I see",
  description: "Whether every gateway tells, every antenna reads, and what is told arrives soon and whole.",
  variables: [GATEWAY],
  panels: [
    {
      title: "Signs of life of gateways",
      description:
        "How often each gateway has told of itself in a minute; it does every 10 s. Below 3 it is cut off now and then, at 0 it is dark.",
      queries: [InfluxQuery.field("gateway", "samples", { by: ["agent"], where, fill: "0", step: "1m" })],
      shows: "lines",
      unit: "short",
      limits: { look: 3, bad: 1 },
      width: 12,
      app: gateways,
    },
    {
      title: "Antennas watching",
      description:
        "Share of the time that each antenna was watching. What moves past one that does not is not seen, and nothing is concluded from its silence.",
      queries: [InfluxQuery.field("antenna", "watching", { by: ["agent", "reader", "antenna"], where })],
      shows: "bars",
      unit: "percentunit",
      limits: { look: 0.99, bad: 0.5 },
      width: 12,
      app: gateways,
    },
    {
      title: "From observed to recorded, 95 %",
      description:
        "19 of 20 observations took no longer to arrive; the worst minute of each step. Hours here are of a gateway that was offline and has caught up.",
      queries: [InfluxQuery.field("delay", "p95", { by: ["agent"], where })],
      shows: "lines",
      unit: "s",
      limits: { look: 5, bad: 60 },
      width: 12,
    },
    {
      title: "Oldest observation not here yet",
      description: "No observation that has not arrived is older than this, by the gateway's own clock and word.",
      queries: [InfluxQuery.field("gateway", "unsent_seconds", { by: ["agent"], where })],
      shows: "lines",
      unit: "s",
      limits: { look: 30, bad: 300 },
      width: 12,
    },
    {
      title: "Declared lost",
      description:
        "Observations that a gateway declared lost for good: its storage was full or damaged. Nothing else is ever missing.",
      queries: [InfluxQuery.field("gaps", "lost", { by: ["agent"], where })],
      shows: "lines",
      unit: "short",
      limits: { look: 1, bad: 1 },
      width: 12,
    },
    {
      title: "Things whose place is not known",
      description: "By the place they were in last, before nobody watched it.",
      queries: [InfluxQuery.field("unknown_items", "items", { by: ["place"] })],
      shows: "stacked",
      unit: "short",
      limits: { look: 10, bad: 100 },
      width: 12,
    },
  ],
};
