import type { Measurement } from "@storeward/contracts";
import { createLogger } from "@storeward/runtime";
import { createTelemetryLog, migrations as gatewayMigrations } from "../gateways/index.js";
import { migrations as intakeMigrations } from "../intake/index.js";
import { LocatedSite } from "../locations/testing.js";
import { EmbeddedSeries } from "./embedded.js";
import { SeriesFollower } from "./journal-follower.js";
import { migrations } from "./migrations.js";
import { StaysFollower } from "./stays-follower.js";
import { TelemetryFollower } from "./telemetry-follower.js";
import type { NamedSeries, TimeSeries } from "./types.js";
import { SeriesWriter, type SeriesWriterDeps } from "./writer.js";

/** A point with its tags and fields side by side. */
export type FlatPoint = Readonly<Record<string, string | number | Date>> & { readonly at: Date };

/** The whole path from the journal to time series on a database of its own, followed by hand. */
export class MeasuredSite {
  readonly site: LocatedSite;
  readonly telemetry = createTelemetryLog();
  readonly rows: SeriesFollower;
  readonly stays: StaysFollower;
  readonly health: TelemetryFollower;
  /** The database as a place for time series. */
  readonly series: TimeSeries;
  readonly writer: SeriesWriter;

  private constructor(site: LocatedSite) {
    this.site = site;
    this.rows = new SeriesFollower(site);
    this.stays = new StaysFollower({ stayChanges: site.stayChanges, items: site.cards, directory: site.places });
    this.health = new TelemetryFollower({ telemetry: this.telemetry });
    this.series = new EmbeddedSeries(site.test.db);
    this.writer = this.writerTo({ name: "database", series: this.series });
  }

  static async open(): Promise<MeasuredSite> {
    return new MeasuredSite(await LocatedSite.open([...intakeMigrations, ...gatewayMigrations, ...migrations]));
  }

  writerTo(
    target: NamedSeries,
    about: Partial<Pick<SeriesWriterDeps, "clock" | "mostWaiting" | "busy">> = {},
  ): SeriesWriter {
    const { test, places } = this.site;
    return new SeriesWriter({ db: test.db, target, places, log: createLogger("test", { level: "silent" }), ...about });
  }

  /** Runs the followers of time series over everything they have not seen. */
  async follow(): Promise<void> {
    await this.site.followAll(this.rows);
    await this.site.followAll(this.stays);
    await this.site.followAll(this.health);
  }

  /** The points in the database once everything is followed and written, between two moments (ms since 1970). */
  async points(measurement: Measurement, from: number, to: number): Promise<FlatPoint[]> {
    await this.follow();
    await this.writer.run();
    return flatPoints(this.series, measurement, from, to);
  }

  close(): Promise<void> {
    return this.site.close();
  }
}

export async function flatPoints(
  series: TimeSeries,
  measurement: Measurement,
  from: number,
  to: number,
): Promise<FlatPoint[]> {
  const found = await series.query({ measurement, from: new Date(from), to: new Date(to), step: 60 });
  return found.flatMap(({ tags, points }) => points.map(({ at, fields }) => ({ ...tags, ...fields, at })));
}
