import {
  GetReaderCapabilitiesRequestedData,
  GetReaderConfigRequestedData,
  KeepaliveTriggerType,
  type LlrpMessageOf,
  type LlrpParameter,
  NotificationEventType,
  ROSpecState,
} from "@storeward/codecs/llrp";
import type { LlrpReader } from "@storeward/contracts";
import { isStorewardError } from "@storeward/runtime";
import type { Counters } from "../counters.js";
import type { AntennaRole } from "../driver.js";
import { type ReaderAbilities, readAbilities } from "./capabilities.js";
import { KEEPALIVE_MS, type LlrpConnection } from "./connection.js";
import { buildROSpec, CYCLES, cyclesEnd, ROSPEC_ID, sameROSpec } from "./rospec.js";

/** The highest version that this program speaks: LLRP 1.1. */
const VERSION = 2;

export interface Agreed {
  readonly abilities: ReaderAbilities;
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
 * From the greeting to a running ROSpec (readers.md, "Order on connect"), all but the ENABLE_EVENTS_AND_REPORTS that lets reports
 * flow. Throws what went wrong.
 */
export async function agree({ connection, reader, roles, counters, anew }: AgreeOptions): Promise<Agreed> {
  await agreeOnVersion(connection, counters);
  const capabilities = await connection.request(
    { type: "GET_READER_CAPABILITIES", RequestedData: GetReaderCapabilitiesRequestedData.All },
    "GET_READER_CAPABILITIES_RESPONSE",
  );
  const abilities = readAbilities(capabilities, reader, roles);
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
  await connection.request(configuration(abilities), "SET_READER_CONFIG_RESPONSE");
  const running = !anew && (await isRunning(connection, roles, abilities));
  if (!running) await provision(connection, roles, abilities, counters);
  const held = config.EventsAndReports?.HoldEventsAndReportsUponReconnect ?? false;
  return { abilities, unconnected: unconnected(config, roles), kept: running && abilities.hold && held };
}

/** Version 1.1 where the reader knows it, else 1.0.1 (LLRP 1.1 §9.1): a 1.0.1 reader answers with an error. */
async function agreeOnVersion(connection: LlrpConnection, counters: Counters): Promise<void> {
  connection.version = VERSION;
  try {
    const answer = await connection.request({ type: "GET_SUPPORTED_VERSION" }, "GET_SUPPORTED_VERSION_RESPONSE");
    const wanted = Math.min(VERSION, answer.SupportedVersion);
    if (wanted < VERSION) connection.version = 1;
    else if (answer.CurrentVersion !== wanted)
      await connection.request(
        { type: "SET_PROTOCOL_VERSION", ProtocolVersion: wanted },
        "SET_PROTOCOL_VERSION_RESPONSE",
      );
  } catch (error) {
    if (!isStorewardError(error, "LLRP_STATUS") && !isStorewardError(error, "LLRP_TIMEOUT")) throw error;
    counters.add("version101");
    connection.version = 1;
  }
}

function configuration({ hold, fillWarning }: ReaderAbilities) {
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
  } as const;
}

/** Whether the reader's only ROSpec is ours and works. */
async function isRunning(
  connection: LlrpConnection,
  roles: ReadonlyMap<number, AntennaRole>,
  { transmitters }: ReaderAbilities,
): Promise<boolean> {
  const { ROSpec: found = [] } = await connection.request({ type: "GET_ROSPECS" }, "GET_ROSPECS_RESPONSE");
  const [only] = found;
  if (only === undefined || found.length > 1) return false;
  // Between two cycles a ROSpec without a loop is inactive for a moment.
  const works =
    only.CurrentState === ROSpecState.Active || (cyclesEnd(roles) && only.CurrentState === ROSpecState.Inactive);
  return works && CYCLES.some((cycle) => sameROSpec(buildROSpec(roles, transmitters, cycle), only));
}

async function provision(
  connection: LlrpConnection,
  roles: ReadonlyMap<number, AntennaRole>,
  { transmitters }: ReaderAbilities,
  counters: Counters,
): Promise<void> {
  await connection.request({ type: "DELETE_ACCESSSPEC", AccessSpecID: 0 }, "DELETE_ACCESSSPEC_RESPONSE");
  await connection.request({ type: "DELETE_ROSPEC", ROSpecID: 0 }, "DELETE_ROSPEC_RESPONSE");
  // LoopSpec came with LLRP 1.1; without it the immediate start trigger begins each cycle anew.
  const ways = connection.version === 1 ? CYCLES.filter((cycle) => cycle !== "loop-attempt") : CYCLES;
  await addFirstAccepted(
    connection,
    cyclesEnd(roles)
      ? ways.map((way) => buildROSpec(roles, transmitters, way))
      : [buildROSpec(roles, transmitters, "duration")],
  );
  await connection.request({ type: "ENABLE_ROSPEC", ROSpecID: ROSPEC_ID }, "ENABLE_ROSPEC_RESPONSE");
  counters.add("provisioned");
}

async function addFirstAccepted(
  connection: LlrpConnection,
  rospecs: readonly LlrpParameter<"ROSpec">[],
): Promise<void> {
  let refusal: unknown;
  for (const ROSpec of rospecs) {
    try {
      await connection.request({ type: "ADD_ROSPEC", ROSpec }, "ADD_ROSPEC_RESPONSE");
      return;
    } catch (error) {
      if (!isStorewardError(error, "LLRP_STATUS")) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

function unconnected(
  config: LlrpMessageOf<"GET_READER_CONFIG_RESPONSE">,
  roles: ReadonlyMap<number, AntennaRole>,
): number[] {
  return (config.AntennaProperties ?? [])
    .filter(({ AntennaConnected, AntennaID }) => !AntennaConnected && roles.has(AntennaID))
    .map(({ AntennaID }) => AntennaID);
}
