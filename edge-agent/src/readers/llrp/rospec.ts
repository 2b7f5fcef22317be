import {
  AISpecStopTriggerType,
  AirProtocols,
  type LlrpParameter,
  ROReportTriggerType,
  ROSpecStartTriggerType,
  ROSpecState,
  ROSpecStopTriggerType,
  TagObservationTriggerType,
} from "@storeward/codecs/llrp";
import type { AntennaRole } from "../driver.js";
import type { Transmitter } from "./capabilities.js";

type ROSpec = LlrpParameter<"ROSpec">;

/** The one ROSpec that this program uses on a reader. */
export const ROSPEC_ID = 1;

/** How the end of a cycle is asked for, best first: not every reader knows every way. */
export const CYCLES = ["loop-attempt", "attempt", "duration"] as const;
export type Cycle = (typeof CYCLES)[number];

/**
 * Session by role (C1G2 §6.3.2.2). Portal: S1 persists 0.5 to 5 s whatever the field does, so a tag that stays in the doorway does not
 * drown the one that walks through. Shelf: S2 persists while powered, so with both targets in turn every tag of a full shelf answers
 * once a cycle, and the strong ones do not keep the weak ones from being heard.
 */
const SESSION: Readonly<Record<AntennaRole, number>> = { portal: 1, shelf: 2 };
const POPULATION: Readonly<Record<AntennaRole, number>> = { portal: 8, shelf: 64 };
/** Longest that one antenna may take in a cycle. */
const ANTENNA_MS = 1000;
const SLICE_MS = 250;

/** What is reported of every tag; everything else is left out to save the link. */
export const CONTENT: LlrpParameter<"TagReportContentSelector"> = {
  EnableROSpecID: false,
  EnableSpecIndex: false,
  EnableInventoryParameterSpecID: false,
  EnableAntennaID: true,
  EnableChannelIndex: true,
  EnablePeakRSSI: true,
  EnableFirstSeenTimestamp: true,
  EnableLastSeenTimestamp: true,
  EnableTagSeenCount: true,
  EnableAccessSpecID: false,
  EnableCryptoResponse: false,
};

/** True where the AISpec ends after each cycle, so that AISpecEvent tells the rounds. */
export function cyclesEnd(roles: ReadonlyMap<number, AntennaRole>): boolean {
  return [...roles.values()].includes("shelf");
}

/**
 * The ROSpec for antennas of these roles. With a portal every read is reported at once (N = 1), for a door cannot wait; with shelves
 * only, once a cycle. Portals alone run without end; with a shelf every cycle ends, so that it can be counted. All antennas are in one
 * AISpec: they take turns, and a door is never silent for longer than one cycle.
 */
export function buildROSpec(
  roles: ReadonlyMap<number, AntennaRole>,
  transmitters: readonly Transmitter[],
  cycle: Cycle,
): ROSpec {
  const used = transmitters.filter(({ antenna }) => roles.has(antenna));
  const hasPortal = [...roles.values()].includes("portal");
  const ends = cyclesEnd(roles);
  const aiSpec = {
    type: "AISpec",
    AntennaIDs: used.map(({ antenna }) => antenna),
    AISpecStopTrigger: ends
      ? endOfCycle(cycle, used.length)
      : { AISpecStopTriggerType: AISpecStopTriggerType.Null, DurationTrigger: 0 },
    InventoryParameterSpec: [
      {
        InventoryParameterSpecID: 1,
        ProtocolID: AirProtocols.EPCGlobalClass1Gen2,
        AntennaConfiguration: used.map((transmitter) =>
          antennaConfiguration(transmitter, roles.get(transmitter.antenna) ?? "shelf"),
        ),
      },
    ],
  } as const;
  return {
    ROSpecID: ROSPEC_ID,
    Priority: 0,
    CurrentState: ROSpecState.Disabled,
    ROBoundarySpec: {
      ROSpecStartTrigger: { ROSpecStartTriggerType: ROSpecStartTriggerType.Immediate },
      ROSpecStopTrigger: { ROSpecStopTriggerType: ROSpecStopTriggerType.Null, DurationTriggerValue: 0 },
    },
    SpecParameter: ends && cycle === "loop-attempt" ? [aiSpec, { type: "LoopSpec", LoopCount: 0 }] : [aiSpec],
    ROReportSpec: {
      ROReportTrigger: ROReportTriggerType.Upon_N_Tags_Or_End_Of_AISpec,
      N: hasPortal ? 1 : 0,
      TagReportContentSelector: CONTENT,
    },
  };
}

function endOfCycle(cycle: Cycle, antennas: number): LlrpParameter<"AISpecStopTrigger"> {
  if (cycle === "duration")
    return { AISpecStopTriggerType: AISpecStopTriggerType.Duration, DurationTrigger: SLICE_MS * antennas };
  return {
    AISpecStopTriggerType: AISpecStopTriggerType.Tag_Observation,
    DurationTrigger: 0,
    TagObservationTrigger: {
      TriggerType: TagObservationTriggerType.N_Attempts_To_See_All_Tags_In_FOV_Or_Timeout,
      NumberOfTags: 0,
      NumberOfAttempts: 1,
      T: 0,
      Timeout: ANTENNA_MS * antennas,
    },
  };
}

function antennaConfiguration(
  { antenna, HopTableID, ChannelIndex, TransmitPower }: Transmitter,
  role: AntennaRole,
): LlrpParameter<"AntennaConfiguration"> {
  return {
    AntennaID: antenna,
    RFTransmitter: { HopTableID, ChannelIndex, TransmitPower },
    C1G2InventoryCommand: [
      {
        TagInventoryStateAware: false,
        C1G2SingulationControl: { Session: SESSION[role], TagPopulation: POPULATION[role], TagTransitTime: 0 },
      },
    ],
  };
}

/**
 * Whether the reader's ROSpec does what ours asks: everything that ours says, theirs says too. A reader may add what it fills in
 * itself, and its state is another matter.
 */
export function sameROSpec(ours: ROSpec, theirs: ROSpec): boolean {
  return says({ ...theirs, CurrentState: 0 }, { ...ours, CurrentState: 0 });
}

function says(theirs: unknown, ours: unknown): boolean {
  if (Array.isArray(ours)) {
    const list = Array.isArray(theirs) ? theirs : theirs === undefined ? [] : undefined;
    return list?.length === ours.length && ours.every((value, index) => says(list[index], value));
  }
  if (typeof ours === "object" && ours !== null) {
    if (typeof theirs !== "object" || theirs === null) return false;
    const record = theirs as Readonly<Record<string, unknown>>;
    return Object.entries(ours).every(([name, value]) => value === undefined || says(record[name], value));
  }
  return theirs === ours;
}
