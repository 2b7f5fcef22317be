import {
  AISpecStopTriggerType,
  AirProtocols,
  type LlrpParameter,
  type LlrpVersion,
  ROSpecStartTriggerType,
  ROSpecState,
  ROSpecStopTriggerType,
  TagObservationTriggerType,
} from "@storeward/codecs/llrp";
import { LIMITS } from "./capabilities.js";
import { checkReport, type ReaderConfiguration } from "./configuration.js";
import { parameterFault } from "./fault.js";

type Path = Parameters<typeof parameterFault>[0];

interface Reader {
  readonly antennas: readonly number[];
  readonly configuration: ReaderConfiguration;
  readonly version: LlrpVersion;
}

/** Refuses an ROSpec that this reader cannot run, naming parameter and field (LLRP 1.1 §11.2.1, §15.2.2). */
export function checkROSpec(spec: LlrpParameter<"ROSpec">, reader: Reader): void {
  const here: Path = ["ROSpec"];
  if (spec.ROSpecID === 0) throw parameterFault(here, "A_Invalid", "an ROSpec has an id other than 0", 0);
  if (spec.Priority !== 0) throw parameterFault(here, "A_OutOfRange", "there is one priority, 0", 1);
  if (spec.CurrentState !== ROSpecState.Disabled) {
    throw parameterFault(here, "A_Invalid", "an ROSpec is added disabled", 2);
  }
  checkBoundary(spec.ROBoundarySpec, [...here, "ROBoundarySpec"]);
  if (spec.SpecParameter.length > LIMITS.specsPerROSpec) {
    throw parameterFault(here, "P_OverflowParameter", `at most ${LIMITS.specsPerROSpec} specs`);
  }
  if (!spec.SpecParameter.some(({ type }) => type === "AISpec")) {
    throw parameterFault([...here, "AISpec"], "P_MissingParameter", "an ROSpec without an AISpec reads nothing");
  }
  for (const [index, one] of spec.SpecParameter.entries()) {
    if (one.type === "AISpec") checkAISpec(one, reader, [...here, "AISpec"]);
    else if (one.type === "LoopSpec" && reader.version >= 2) {
      if (index !== spec.SpecParameter.length - 1) {
        throw parameterFault([...here, "LoopSpec"], "P_UnexpectedParameter", "a LoopSpec is the last of the specs");
      }
    } else {
      const type = one.type === "RFSurveySpec" ? "RFSurveySpec" : one.type === "LoopSpec" ? "LoopSpec" : "Custom";
      throw parameterFault([...here, type], "P_UnsupportedParameter", `${type} is not supported`);
    }
  }
  if (spec.ROReportSpec !== undefined) checkReport(spec.ROReportSpec, here);
}

function checkBoundary(spec: LlrpParameter<"ROBoundarySpec">, path: Path): void {
  const { ROSpecStartTriggerType: start, PeriodicTriggerValue: periodic } = spec.ROSpecStartTrigger;
  const at: Path = [...path, "ROSpecStartTrigger"];
  if (start > ROSpecStartTriggerType.GPI) throw parameterFault(at, "A_Invalid", `no start trigger ${start}`, 0);
  if (start === ROSpecStartTriggerType.GPI) {
    throw parameterFault([...at, "GPITriggerValue"], "A_OutOfRange", "this reader has no inputs", 0);
  }
  if (start === ROSpecStartTriggerType.Periodic && periodic === undefined) {
    throw parameterFault([...at, "PeriodicTriggerValue"], "P_MissingParameter", "a periodic trigger has a period");
  }
  const { ROSpecStopTriggerType: stop } = spec.ROSpecStopTrigger;
  const until: Path = [...path, "ROSpecStopTrigger"];
  if (stop > ROSpecStopTriggerType.GPI_With_Timeout)
    throw parameterFault(until, "A_Invalid", `no stop trigger ${stop}`, 0);
  if (stop === ROSpecStopTriggerType.GPI_With_Timeout) {
    throw parameterFault([...until, "GPITriggerValue"], "A_OutOfRange", "this reader has no inputs", 0);
  }
}

function checkAISpec(spec: LlrpParameter<"AISpec">, { antennas, configuration }: Reader, path: Path): void {
  const wrong = spec.AntennaIDs.find((id) => id !== 0 && !antennas.includes(id));
  if (wrong !== undefined) throw parameterFault(path, "A_OutOfRange", `there is no antenna ${wrong}`, 0);
  if (spec.AntennaIDs.length === 0)
    throw parameterFault(path, "A_Invalid", "an AISpec names antennas, or 0 for all", 0);
  checkStop(spec.AISpecStopTrigger, [...path, "AISpecStopTrigger"]);

  const inventories = spec.InventoryParameterSpec;
  const at: Path = [...path, "InventoryParameterSpec"];
  if (inventories.length === 0) throw parameterFault(at, "P_MissingParameter", "an AISpec inventories something");
  if (inventories.length > LIMITS.inventoryParameterSpecs) {
    throw parameterFault(at, "P_OverflowParameter", `at most ${LIMITS.inventoryParameterSpecs} of them`);
  }
  for (const inventory of inventories) {
    if (inventory.InventoryParameterSpecID === 0) throw parameterFault(at, "A_Invalid", "its id is not 0", 0);
    if (inventory.ProtocolID !== AirProtocols.EPCGlobalClass1Gen2) {
      throw parameterFault(at, "A_Invalid", "only Class 1 Gen 2 tags can be read", 1);
    }
    for (const antenna of inventory.AntennaConfiguration ?? []) configuration.checkAntenna(antenna, at);
    if (inventory.Custom !== undefined) {
      throw parameterFault([...at, "Custom"], "P_UnsupportedParameter", "no vendor's parameter is supported");
    }
  }
}

function checkStop(trigger: LlrpParameter<"AISpecStopTrigger">, path: Path): void {
  const { AISpecStopTriggerType: type, TagObservationTrigger: tags } = trigger;
  if (type > AISpecStopTriggerType.Tag_Observation)
    throw parameterFault(path, "A_Invalid", `no stop trigger ${type}`, 0);
  if (type === AISpecStopTriggerType.GPI_With_Timeout) {
    throw parameterFault([...path, "GPITriggerValue"], "A_OutOfRange", "this reader has no inputs", 0);
  }
  if (type !== AISpecStopTriggerType.Tag_Observation) return;
  const at: Path = [...path, "TagObservationTrigger"];
  if (tags === undefined) throw parameterFault(at, "P_MissingParameter", "this trigger says what to observe");
  if (tags.TriggerType > TagObservationTriggerType.Upon_Seeing_No_More_New_Unique_Tags_For_Tms_Or_Timeout) {
    throw parameterFault(at, "A_Invalid", `no tag observation trigger ${tags.TriggerType}`, 0);
  }
}
