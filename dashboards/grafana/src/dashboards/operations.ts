import type { DashboardSpec } from "../dashboard.js";
import { InfluxQuery } from "../influxql.js";
import { GATEWAY } from "../variables.js";

const where = { agent: "gateway" } as const;

export const operations: DashboardSpec = {
  uid: "storeward-operations",
  title: "operations",
  description: "What the fleet reads, how well, and how far it is behind.",
  variables: [GATEWAY],
  panels: [
    {
      title: "Observations recorded",
      description: "By gateway. The sum of all is the count of the journal.",
      queries: [InfluxQuery.field("observations", "count", { by: ["agent"], where })],
      shows: "stacked",
      unit: "short",
      width: 12,
    },
    {
      title: "Observations by type",
      description: "What gateways tell of; `act` is what people did here.",
      queries: [InfluxQuery.field("observations", "count", { by: ["type"], where })],
      shows: "stacked",
      unit: "short",
      width: 12,
    },
    {
      title: "Reads per antenna",
      description: "Before filtering, as gateways say every 10 s.",
      queries: [InfluxQuery.field("antenna", "reads", { by: ["agent", "reader", "antenna"], where })],
      shows: "lines",
      unit: "short",
      width: 12,
    },
    {
      title: "Strength per antenna",
      description:
        "Mean RSSI of the reads. A drop of several dB is a loose cable, a moved antenna, or something in front of it.",
      queries: [InfluxQuery.field("antenna", "rssi_mean", { by: ["agent", "reader", "antenna"], where })],
      shows: "lines",
      unit: "dBm",
      width: 12,
    },
    {
      title: "Detection rate",
      description: "How many of the chances to read a tag that is there were taken, by read point.",
      queries: [InfluxQuery.ratio("detection", "reads", "rounds", { by: ["read_point"] })],
      shows: "lines",
      unit: "percentunit",
      limits: { look: 0.7, bad: 0.4 },
      width: 12,
    },
    {
      title: "Rows waiting at gateways",
      description: "Rows that the cloud has not acknowledged.",
      queries: [InfluxQuery.field("gateway", "journal_depth", { by: ["agent"], where })],
      shows: "lines",
      unit: "short",
      limits: { look: 1_000, bad: 100_000 },
      width: 12,
    },
    {
      title: "Size of journals",
      description: "On each gateway's disk.",
      queries: [InfluxQuery.field("gateway", "journal_bytes", { by: ["agent"], where })],
      shows: "lines",
      unit: "bytes",
      width: 12,
    },
    {
      title: "Journals that were full",
      description: "1: the gateway could not keep all it read. What was given up is declared lost.",
      queries: [InfluxQuery.field("gateway", "journal_full", { by: ["agent"], where })],
      shows: "lines",
      unit: "short",
      limits: { look: 1, bad: 1 },
      width: 12,
    },
  ],
};
