import type { SeriesTarget } from "@storeward/contracts";
import type { Database } from "../database/index.js";
import { EmbeddedSeries } from "./embedded.js";
import { InfluxSeries } from "./influx/influx-series.js";
import { Influx1 } from "./influx/influx1.js";
import { Influx2 } from "./influx/influx2.js";
import type { NamedSeries } from "./types.js";

/** A place for time series as it is configured, with what its files hold. */
export interface SeriesTargetSettings {
  readonly target: SeriesTarget;
  /** Password or token. */
  readonly secret?: string | undefined;
  /** PEM of the authority that signed its certificate. */
  readonly ca?: string | undefined;
}

/** What a place is called, in health, logs and marks. */
export function targetName({ name, kind }: Pick<SeriesTarget, "name" | "kind">): string {
  return name ?? kind;
}

export function openSeries(db: Database, { target, secret, ca }: SeriesTargetSettings): NamedSeries {
  const name = targetName(target);
  switch (target.kind) {
    case "database":
      return { name, series: new EmbeddedSeries(db) };
    case "influx1":
      return { name, series: new InfluxSeries(new Influx1(target, { password: secret, ca })) };
    case "influx2":
      return { name, series: new InfluxSeries(new Influx2(target, { token: secret ?? "", ca })) };
  }
}
