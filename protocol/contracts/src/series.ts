/*
 * The time series: what is measured, under which tags and in which units. Event series are buckets of a minute, recomputed from tables;
 * never the EPC as a tag (one series per item).
 */
export const SERIES = {
  /** Observations journaled, by minute. The check is sum(buckets) = count(journal). */
  observations: { tags: ["agent", "type"], fields: { count: "1" } },
  /** Items that came to a place, by minute of observation. */
  arrivals: { tags: ["place", "kind"], fields: { count: "1" } },
  /** Passages through a portal, by minute of observation. */
  passages: { tags: ["readPoint", "direction"], fields: { count: "1" } },
} as const;

export type Measurement = keyof typeof SERIES;
export const BUCKET_MS = 60_000;
