import type { Health } from "@storeward/contracts";
import { type Clock, describeError, isoMs } from "@storeward/runtime";
import type { CloudLink } from "./broker/index.js";
import type { ServiceDatabase, Sql } from "./database/index.js";
import type { Gateways } from "./gateways/index.js";
import type { Intake } from "./intake/index.js";
import { inWords, type Leases } from "./leases/index.js";
import { type SeriesWriter, waitingByTarget } from "./time-series/index.js";

type Parts = NonNullable<Health["parts"]>;

export interface HealthDeps {
  readonly db: Sql & Pick<ServiceDatabase, "trouble">;
  readonly clock: Clock;
  readonly gateways: Pick<Gateways, "list">;
  readonly link: Pick<CloudLink, "connected" | "unheard">;
  readonly runners: readonly { readonly name: string; lag(): number }[];
  readonly intake: Pick<Intake, "gauges">;
  /** By the name of the place they write to. */
  readonly seriesWriters: ReadonlyMap<string, Pick<SeriesWriter, "failing">>;
  readonly leases: Pick<Leases, "gauges">;
}

/** Rows behind from which followers count as degraded. */
const LAG_ROWS = 50_000;
/** Whoever asks how the service is does not wait for longer. */
const ASKED_MS = 5_000;

/** How each part of the service is. Gateways that are away do not make the service unhealthy: they are told with the gateways. */
export async function healthOf(deps: HealthDeps): Promise<Parts> {
  const { db, link, intake, leases } = deps;
  const parts: Parts = {};
  try {
    const stored = await within(deps.clock, ASKED_MS, partsInDatabase(deps));
    const says = stored === undefined ? `has not answered for ${ASKED_MS / 1000} s` : "answers";
    parts.database = part(stored !== undefined && db.trouble === undefined, db.trouble ?? says);
    Object.assign(parts, stored);
  } catch (error) {
    parts.database = part(false, db.trouble ?? describeError(error));
  }
  parts.broker = part(link.connected, link.connected ? "connected" : "not connected");
  const unheard = link.unheard();
  if (unheard !== undefined) {
    const { agents, partitions, seconds } = unheard;
    const silent = `nothing is heard, for ${seconds} s, of partitions ${inWords(partitions)}, in which ${agents} gateways are connected`;
    parts.broker = part(false, `connected, but ${silent}`);
  }
  const { waiting, dropped } = intake.gauges();
  parts.intake = part(true, `${waiting} batches waiting, ${dropped} dropped`);
  const { held, others } = leases.gauges();
  parts.partitions = part(true, `holds ${inWords(held)}; ${others} other processes`);
  return parts;
}

/** What the database knows of how parts are. */
async function partsInDatabase({ db, gateways, runners, seriesWriters }: HealthDeps): Promise<Parts> {
  const parts: Parts = {};
  const list = await gateways.list(db);
  const [parked] = await db.query<{ count: number }>("SELECT count(*) FROM parked_row");
  const online = list.filter(({ state }) => state === "online").length;
  parts.gateways = part(true, `${online} of ${list.length} online`);
  const waiting = await waitingByTarget(db);
  for (const [name, { failing }] of seriesWriters) {
    const marked = `${waiting.get(name) ?? 0} minutes to be written`;
    const since = failing && `not written since ${isoMs(failing.since)}: ${failing.error}; `;
    parts[`time series ${name}`] = part(failing === undefined, `${since ?? ""}${marked}`);
  }
  const aside = parked?.count ?? 0;
  const late = runners.filter((runner) => runner.lag() > 0);
  const behind = late.map((runner) => `${runner.name.replace("follower ", "")} ${runner.lag()}`);
  const tooFar = runners.some((runner) => runner.lag() > LAG_ROWS);
  const far = behind.length === 0 ? "up to date" : `behind: ${behind.join(", ")}`;
  parts.followers = part(!tooFar && aside === 0, `${far}; rows put aside: ${aside}`);
  return parts;
}

function part(isOk: boolean, detail: string): Parts[string] {
  return { status: isOk ? "ok" : "degraded", detail };
}

/** What is worked on; undefined where it is not there by then. */
async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> {
  const done = new AbortController();
  // What is late fails by itself, later.
  work.catch(() => undefined);
  const late = clock.sleep(ms, done.signal).catch(() => undefined);
  try {
    return await Promise.race([work, late.then(() => undefined)]);
  } finally {
    done.abort();
  }
}
