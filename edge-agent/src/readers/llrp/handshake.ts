import {
  GetReaderCapabilitiesRequestedData,
  GetReaderConfigRequestedData,
  hexOf,
  KeepaliveTriggerType,
  type LlrpMessageOf,
  NotificationEventType,
} from "@storeward/codecs/llrp";
import type { LlrpReader } from "@storeward/contracts";
import type { Counters } from "../counters.js";
import type { AntennaRole } from "../driver.js";
import { type ReaderAbilities, readAbilities, vendorOf } from "./capabilities.js";
import { KEEPALIVE_MS, type LlrpConnection } from "./connection.js";
import { E } from "./errors.js";
import { enableImpinjExtensions, IMPINJ, linkMonitor } from "./impinj.js";
import { planReading, type ReadingPlan } from "./plan.js";
import { isRunning, provision } from "./provision.js";
import { agreeOnVersion } from "./version.js";

type ReaderConfig = LlrpMessageOf<"GET_READER_CONFIG_RESPONSE">;

export interface Agreed {
  readonly abilities: ReaderAbilities;
  readonly plan: ReadingPlan;
  /** Antennas that the reader says have nothing connected. */
  readonly unconnected: readonly number[];
  /** The reader went on reading by our ROSpec, and held what it read, since it was last connected. */
  readonly kept: boolean;
}

export interface AgreeOptions {
  readonly connection: LlrpConnection;
  readonly reader: LlrpReader;
  readonly roles: ReadonlyMap<number, AntennaRole>;
  readonly counters: Counters;
  /** Provision even where the ROSpec looks right. */
  readonly anew: boolean;
}

/**
 * From the greeting to a running ROSpec, all but the ENABLE_EVENTS_AND_REPORTS that lets reports flow. What the reader kept while
 * nobody was connected is not touched where its ROSpec is right. Throws what went wrong.
 */
export async function agree({ connection, reader, roles, counters, anew }: AgreeOptions): Promise<Agreed> {
  await agreeOnVersion(connection, counters);
  const abilities = await getAbilities(connection, reader, roles, counters);
  const plan = planReading(reader, roles, abilities);
  const config = await connection.request(
    {
      type: "GET_READER_CONFIG",
      AntennaID: 0,
      RequestedData: GetReaderConfigRequestedData.All,
      GPIPortNum: 0,
      GPOPortNum: 0,
    },
    "GET_READER_CONFIG_RESPONSE",
  );
  checkIdentity(config, reader);
  await connection.request(configuration(abilities), "SET_READER_CONFIG_RESPONSE");
  const running = !anew && (await isRunning(connection, plan));
  if (!running) await provision(connection, plan, counters);
  const held = config.EventsAndReports?.HoldEventsAndReportsUponReconnect ?? false;
  return { abilities, plan, unconnected: unconnected(config, roles), kept: running && abilities.hold && held };
}

/** Extensions change what a reader tells of itself, so it is asked again after them. */
async function getAbilities(
  connection: LlrpConnection,
  reader: LlrpReader,
  roles: ReadonlyMap<number, AntennaRole>,
  counters: Counters,
): Promise<ReaderAbilities> {
  const ask = () =>
    connection.request(
      { type: "GET_READER_CAPABILITIES", RequestedData: GetReaderCapabilitiesRequestedData.All },
      "GET_READER_CAPABILITIES_RESPONSE",
    );
  const plain = await ask();
  const wanted = vendorOf(plain) === IMPINJ && reader.reading?.vendorExtensions !== false;
  if (!wanted || !(await enableImpinjExtensions(connection, counters)))
    return readAbilities(plain, reader, roles, false);
  return readAbilities(await ask(), reader, roles, true);
}

function checkIdentity({ Identification }: ReaderConfig, { identity }: LlrpReader): void {
  if (identity === undefined) return;
  const actual = Identification === undefined ? "nobody" : hexOf(Identification.ReaderID);
  if (actual !== identity) throw E.LLRP_IDENTITY({ expected: identity, actual });
}

function configuration({ hold, fillWarning, extended }: ReaderAbilities) {
  const events = [
    NotificationEventType.GPI_Event,
    NotificationEventType.ROSpec_Event,
    NotificationEventType.Reader_Exception_Event,
    NotificationEventType.AISpec_Event,
    NotificationEventType.Antenna_Event,
    ...(fillWarning ? [NotificationEventType.Report_Buffer_Fill_Warning] : []),
  ];
  return {
    type: "SET_READER_CONFIG",
    ResetToFactoryDefault: false,
    ReaderEventNotificationSpec: {
      EventNotificationState: events.map((EventType) => ({ EventType, NotificationState: true })),
    },
    KeepaliveSpec: { KeepaliveTriggerType: KeepaliveTriggerType.Periodic, PeriodicTriggerValue: KEEPALIVE_MS },
    // Set also to false: what an earlier client left behind must not hold reports that nobody releases.
    EventsAndReports: { HoldEventsAndReportsUponReconnect: hold },
    ...(extended ? { Custom: [linkMonitor] } : {}),
  } as const;
}

function unconnected({ AntennaProperties = [] }: ReaderConfig, roles: ReadonlyMap<number, AntennaRole>): number[] {
  return AntennaProperties.filter(({ AntennaConnected, AntennaID }) => !AntennaConnected && roles.has(AntennaID)).map(
    ({ AntennaID }) => AntennaID,
  );
}
