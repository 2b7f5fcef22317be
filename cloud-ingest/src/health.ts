import type { Health } from "@storeward/contracts";
import { describeError, isoMs } from "@storeward/runtime";
import type { CloudLink } from "./broker/index.js";
import type { Database } from "./database/index.js";
import type { Gateways } from "./gateways/index.js";
import type { Intake } from "./intake/index.js";
import { inWords, type Leases } from "./leases/index.js";
import { type SeriesWriter, waitingByTarget } from "./time-series/index.js";

type Parts = NonNullable<Health["parts"]>;

export interface HealthDeps {
  readonly db: Database;
  readonly gateways: Pick<Gateways, "list">;
  readonly link: Pick<CloudLink, "connected">;
  readonly runners: readonly { readonly name: string; lag(): number }[];
  readonly intake: Pick<Intake, "gauges">;
  /** By the name of the place they write to. */
  readonly seriesWriters: ReadonlyMap<string, Pick<SeriesWriter, "failing">>;
  readonly leases: Pick<Leases, "gauges">;
}

/** Rows behind from which followers count as degraded. */
const LAG_ROWS = 50_000;

/** How each part of the service is. Gateways that are away do not make the service unhealthy: they are told with the gateways. */
export async function healthOf({
  db,
  gateways,
  link,
  runners,
  intake,
  seriesWriters,
  leases,
}: HealthDeps): Promise<Parts> {
  const parts: Parts = {};
  const add = (name: string, ok: boolean, detail: string): void => {
    parts[name] = { status: ok ? "ok" : "degraded", detail };
  };
  try {
    const list = await gateways.list(db);
    const [parked] = await db.query<{ count: number }>("SELECT count(*) FROM parked_row");
    add("database", true, "answers");
    const online = list.filter(({ state }) => state === "online").length;
    add("gateways", true, `${online} of ${list.length} online`);
    const aside = parked?.count ?? 0;
    const late = runners.filter((runner) => runner.lag() > 0);
    const behind = late.map((runner) => `${runner.name.replace("follower ", "")} ${runner.lag()}`);
    const tooFar = runners.some((runner) => runner.lag() > LAG_ROWS);
    const waiting = await waitingByTarget(db);
    for (const [name, { failing }] of seriesWriters) {
      const marked = `${waiting.get(name) ?? 0} minutes to be written`;
      const since = failing && `not written since ${isoMs(failing.since)}: ${failing.error}; `;
      add(`time series ${name}`, failing === undefined, `${since ?? ""}${marked}`);
    }
    add(
      "followers",
      !tooFar && aside === 0,
      `${behind.length === 0 ? "up to date" : `behind: ${behind.join(", ")}`}; rows put aside: ${aside}`,
    );
  } catch (error) {
    add("database", false, describeError(error));
  }
  add("broker", link.connected, link.connected ? "connected" : "not connected");
  const { waiting, dropped } = intake.gauges();
  add("intake", true, `${waiting} batches waiting, ${dropped} dropped`);
  const { held, others } = leases.gauges();
  add("partitions", true, `holds ${inWords(held)}; ${others} other processes`);
  return parts;
}
