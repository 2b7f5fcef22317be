const DAY_MS = 86_400_000;

/** The UTC day of an instant, `2026-03-01`. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

export function nextDay(day: string, days = 1): string {
  return dayOf(new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS));
}

/** The table of one day of a table that is partitioned by `recorded_at`. */
export function dayTable(table: string, day: string): string {
  return `${table}_${day.replaceAll("-", "")}`;
}

/** SQL that makes the day's table where it is missing. */
export function daySql(table: string, day: string): string {
  return `CREATE TABLE IF NOT EXISTS ${dayTable(table, day)} PARTITION OF ${table}
    FOR VALUES FROM ('${day} 00:00:00+00') TO ('${nextDay(day)} 00:00:00+00')`;
}
