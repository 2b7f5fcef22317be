import type { Transaction } from "../database/index.js";
import type { TelemetrySample } from "../gateways/index.js";
import type { Follower, Log, LogRow } from "../journal/index.js";
import { markDirty } from "./dirty.js";

/** So many antennas of a gateway are tags: what it says of more is in its telemetry only. */
export const MAX_ANTENNAS = 512;

/** Marks the minutes in which gateways told how they are, and notes their antennas. */
export class TelemetryFollower implements Follower<LogRow<TelemetrySample>> {
  readonly name = "series-telemetry";
  readonly log: Log<LogRow<TelemetrySample>>;
  readonly #most: number;

  constructor({
    telemetry,
    mostAntennas = MAX_ANTENNAS,
  }: { telemetry: Log<LogRow<TelemetrySample>>; mostAntennas?: number }) {
    this.log = telemetry;
    this.#most = mostAntennas;
  }

  keyOf({ body }: LogRow<TelemetrySample>): string {
    return body.agent;
  }

  async handle(tx: Transaction, rows: readonly LogRow<TelemetrySample>[]): Promise<void> {
    const antennas = rows.flatMap(({ body: { agent, readers } }) =>
      readers.flatMap(({ reader, antennas: of }) =>
        of.map(({ antenna, readPoint }) => ({ agent, reader, antenna, readPoint })),
      ),
    );
    await tx.query(
      `INSERT INTO series_antenna (agent, reader, antenna, read_point)
       SELECT n.agent, n.reader, n.antenna, n.read_point FROM (
         SELECT *, row_number() OVER (PARTITION BY agent ORDER BY reader, antenna, read_point) AS nth
         FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::int4[], $4::text[]) AS u(agent, reader, antenna, read_point)
           EXCEPT SELECT * FROM series_antenna) fresh
       ) n
       WHERE n.nth <= $5 - (SELECT count(*) FROM series_antenna a WHERE a.agent = n.agent)
       ON CONFLICT DO NOTHING`,
      [
        antennas.map(({ agent }) => agent),
        antennas.map(({ reader }) => reader),
        antennas.map(({ antenna }) => antenna),
        antennas.map(({ readPoint }) => readPoint),
        this.#most,
      ],
    );
    const told = rows.map(({ recordedAt }) => recordedAt);
    await markDirty(tx, { antenna: told, gateway: told, gaps: told });
  }
}
