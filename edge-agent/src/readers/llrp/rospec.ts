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
import { fineStrength, searchMode } from "./impinj.js";
import type { PlannedAntenna, ReadingPlan } from "./plan.js";

type ROSpec = LlrpParameter<"ROSpec">;

/** The one ROSpec that this program uses on a reader. */
export const ROSPEC_ID = 1;

/** How the end of a cycle is asked for, best first: not every reader knows every way. */
export const CYCLES = ["loop-attempt", "attempt", "duration"] as const;
export type Cycle = (typeof CYCLES)[number];

/** Longest that one antenna may take in a cycle. */
const ANTENNA_MS = 1000;
const SLICE_MS = 250;

/**
 * The ROSpec of a plan. With every tag reported at once N = 1, else the report comes with the end of the AISpec. All antennas are in one
 * AISpec: they take turns, and a door is never silent for longer than one cycle.
 */
export function buildROSpec(
  { antennas, cyclesEnd, everyTag, content, fineStrength: fine }: ReadingPlan,
  cycle: Cycle,
): ROSpec {
  const aiSpec = {
    type: "AISpec",
    AntennaIDs: antennas.map(({ antenna }) => antenna),
    AISpecStopTrigger: cyclesEnd
      ? endOfCycle(cycle, antennas.length)
      : { AISpecStopTriggerType: AISpecStopTriggerType.Null, DurationTrigger: 0 },
    InventoryParameterSpec: [
      {
        InventoryParameterSpecID: 1,
        ProtocolID: AirProtocols.EPCGlobalClass1Gen2,
        AntennaConfiguration: antennas.map(antennaConfiguration),
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
    SpecParameter: cyclesEnd && cycle === "loop-attempt" ? [aiSpec, { type: "LoopSpec", LoopCount: 0 }] : [aiSpec],
    ROReportSpec: {
      ROReportTrigger: ROReportTriggerType.Upon_N_Tags_Or_End_Of_AISpec,
      N: everyTag ? 1 : 0,
      TagReportContentSelector: content,
      ...(fine ? { Custom: [fineStrength] } : {}),
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

function antennaConfiguration(planned: PlannedAntenna): LlrpParameter<"AntennaConfiguration"> {
  const { antenna, HopTableID, ChannelIndex, TransmitPower, session, population, mode, search } = planned;
  return {
    AntennaID: antenna,
    RFTransmitter: { HopTableID, ChannelIndex, TransmitPower },
    C1G2InventoryCommand: [
      {
        TagInventoryStateAware: false,
        // Tari 0: the reader takes what its mode allows (LLRP 1.1 §16.2.1.2.1.2).
        ...(mode === undefined ? {} : { C1G2RFControl: { ModeIndex: mode, Tari: 0 } }),
        C1G2SingulationControl: { Session: session, TagPopulation: population, TagTransitTime: 0 },
        ...(search === undefined ? {} : { Custom: [searchMode(search)] }),
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
