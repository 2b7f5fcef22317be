import { type Gateway, Telemetry } from "@storeward/contracts";
import { isoMs, validator } from "@storeward/runtime";
import type { Sql } from "../database/index.js";
import { stateOf } from "./device/configurations.js";
import { troubleOf } from "./trouble.js";

const isTelemetry = validator(Telemetry);

interface Row {
  agent: string;
  name: string;
  state: Gateway["state"];
  since: Date | null;
  heard_at: Date | null;
  head: number | null;
  forked_at: Date | null;
  telemetry: unknown;
  through: Date | null;
  committed: number | null;
  current: number | null;
  quarantined: number;
  lost: number;
  config: number | null;
  config_refused: unknown;
  wanted: number | null;
}

/** For how long a fork is shown. */
const FORK_SHOWN_MS = 24 * 3_600_000;

/** The fleet as it stands, by agent. `now` in milliseconds since 1970. */
export async function gatewayList(sql: Sql, now: number): Promise<Gateway[]> {
  const rows = await sql.query<Row>(
    `SELECT g.agent, g.name, g.state, g.since, g.heard_at, g.head, g.forked_at, g.telemetry, g.config, g.config_refused,
       (SELECT max(version) FROM gateway_configuration WHERE agent = g.agent) AS wanted,
       c.through, c.committed, c.quarantined, c.lost, e.committed AS current
     FROM gateway g
     LEFT JOIN LATERAL (
       SELECT max(through) AS through, sum(committed - skipped)::int8 AS committed, coalesce(sum(quarantined), 0)::int8 AS quarantined,
         coalesce(sum(lost), 0)::int8 AS lost
       FROM intake_cursor WHERE agent = g.agent
     ) c ON true
     LEFT JOIN intake_cursor e ON e.agent = g.agent AND e.epoch = g.epoch
     WHERE g.listed ORDER BY g.agent`,
  );
  return rows.map((row) => gatewayOf(row, now));
}

function gatewayOf(row: Row, now: number): Gateway {
  const read = isTelemetry(row.telemetry);
  const telemetry = read.ok ? read.value : null;
  const forked = row.forked_at !== null && row.forked_at.getTime() > now - FORK_SHOWN_MS;
  const configuration = stateOf(row);
  const { agent, name, state, quarantined, lost } = row;
  return {
    agent,
    name,
    state,
    since: iso(row.since),
    heardAt: iso(row.heard_at),
    through: iso(row.through),
    committed: row.committed ?? 0,
    behind: row.head === null ? null : Math.max(0, row.head - (row.current ?? 0)),
    quarantined,
    lost,
    forkedAt: forked ? iso(row.forked_at) : null,
    trouble: troubleOf({ telemetry, quarantined, lost, forked, refused: configuration.refused }),
    telemetry,
    configuration,
  };
}

function iso(at: Date | null): string | null {
  return at === null ? null : isoMs(at.getTime());
}
