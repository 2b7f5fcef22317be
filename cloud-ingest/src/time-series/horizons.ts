import { MEASUREMENTS, type Measurement } from "@storeward/contracts";
import type { Sql } from "../database/index.js";

/** Since when the table has everything that a measurement is made from. */
const JOURNAL = "(SELECT min(day)::timestamptz FROM journal_day)";
const STAYS = "(SELECT min(at) FROM series_delta)";
const TELEMETRY = "(SELECT min(day)::timestamptz FROM telemetry_sample_day)";
const SINCE: Readonly<Record<Measurement, string>> = {
  observations: JOURNAL,
  delay: JOURNAL,
  gaps: `least((SELECT date_trunc('minute', min(recorded_at)) FROM declared_gap), ${TELEMETRY})`,
  detection: "(SELECT min(at) FROM series_detection)",
  // The first of all may since have been dated otherwise.
  passages: `least((SELECT date_trunc('minute', min(at)) FROM series_passage), ${JOURNAL})`,
  arrivals: STAYS,
  dwell: STAYS,
  occupancy: STAYS,
  utilisation: STAYS,
  unknown_items: "(SELECT min(at) FROM series_sample)",
  troubles: "(SELECT min(at) FROM series_trouble)",
  antenna: TELEMETRY,
  gateway: TELEMETRY,
};

/**
 * Since when each measurement can be made from what is kept; measurements of which nothing is kept are absent. What was written of earlier
 * minutes stays as it is: made again now, it would be nothing.
 */
export async function horizons(sql: Sql): Promise<Map<Measurement, Date>> {
  const columns = MEASUREMENTS.map((name) => `${SINCE[name]} AS ${name}`).join(", ");
  const [row = {}] = await sql.query<Partial<Record<Measurement, Date | null>>>(`SELECT ${columns}`);
  return new Map(MEASUREMENTS.flatMap((name) => (row[name] == null ? [] : [[name, row[name]] as const])));
}
