import {
  AISpecStopTriggerType,
  type LlrpParameter,
  TagObservationTriggerType as Observe,
} from "@storeward/codecs/llrp";
import type { Reading } from "../../radio/field.js";
import type { AntennaPort } from "../antenna-port.js";
import { passesFilters } from "./filters.js";
import type { ReadContext } from "./report-book.js";

type ROSpec = LlrpParameter<"ROSpec">;
type AISpec = LlrpParameter<"AISpec">;

export interface RunHost {
  readonly port: AntennaPort;
  /** dBm, with what the AISpec says about it. */
  power(antenna: number, override: LlrpParameter<"AntennaConfiguration"> | undefined): number;
  filters(
    antenna: number,
    override: LlrpParameter<"AntennaConfiguration"> | undefined,
  ): readonly LlrpParameter<"C1G2Filter">[];
  read(reading: Reading, context: ReadContext): void;
  /** It ended at `at`, which may be a little while ago. */
  endOfAISpec(specIndex: number, at: number): void;
  looped(count: number): void;
}

/** What an active ROSpec is doing: which AISpec, which antenna, since when. */
export class InventoryRun {
  readonly spec: ROSpec;
  readonly startedAt: number;
  readonly #host: RunHost;
  #index = 0;
  #loops = 0;
  #aiStartedAt: number;
  #turnStartedAt: number;
  /** Goes on over AISpecs, so that a short one does not starve the last antenna. */
  #antennaCursor = 0;
  #cycles = 0;
  #turns = 0;
  #seen = 0;
  readonly #unique = new Set<string>();
  #lastNewAt = 0;
  #lastReadAt = 0;

  constructor(spec: ROSpec, now: number, host: RunHost) {
    this.spec = spec;
    this.startedAt = now;
    this.#host = host;
    this.#aiStartedAt = now;
    this.#turnStartedAt = now;
    this.#begin(now);
  }

  /** Goes on to `now`; true when the last AISpec is done. */
  tick(now: number): boolean {
    for (;;) {
      const ai = this.#ai();
      if (ai === undefined) return true;
      const antennas = this.#antennasOf(ai);
      const antenna = antennas[this.#antennaCursor % antennas.length] ?? 1;
      const end = this.#turnStartedAt + this.#host.port.turnMs(antenna);
      if (end > now) return false;
      this.#turn(ai, antenna, end);
      this.#antennaCursor = (this.#antennaCursor + 1) % antennas.length;
      this.#turns++;
      if (this.#turns % antennas.length === 0) this.#cycles++;
      this.#turnStartedAt = end;
      if (this.#ends(ai, end) && this.#next(end)) return true;
    }
  }

  #ai(): AISpec | undefined {
    const one = this.spec.SpecParameter[this.#index];
    return one?.type === "AISpec" ? one : undefined;
  }

  #antennasOf({ AntennaIDs }: AISpec): readonly number[] {
    return AntennaIDs.includes(0) ? this.#host.port.antennas : AntennaIDs;
  }

  #turn(ai: AISpec, antenna: number, end: number): void {
    const { port, power, filters, read } = this.#host;
    const inventory = ai.InventoryParameterSpec[this.#cycles % ai.InventoryParameterSpec.length];
    const override = inventory?.AntennaConfiguration?.find(({ AntennaID }) => AntennaID === antenna || AntennaID === 0);
    const select = filters(antenna, override);
    const context: ReadContext = {
      antenna,
      roSpecId: this.spec.ROSpecID,
      // The position among the specs, from 1 (§14.2.3.5).
      specIndex: this.#index + 1,
      inventoryParameterSpecId: inventory?.InventoryParameterSpecID ?? 0,
    };
    for (const reading of port.read(antenna, power(antenna, override), this.#turnStartedAt, end)) {
      if (!passesFilters(reading.epc, select)) continue;
      this.#seen++;
      this.#lastReadAt = reading.at;
      if (!this.#unique.has(reading.epc)) {
        this.#unique.add(reading.epc);
        this.#lastNewAt = reading.at;
      }
      read(reading, context);
    }
  }

  #ends({ AISpecStopTrigger: trigger }: AISpec, now: number): boolean {
    const ran = now - this.#aiStartedAt;
    if (trigger.AISpecStopTriggerType === AISpecStopTriggerType.Duration) return ran >= trigger.DurationTrigger;
    const tags = trigger.TagObservationTrigger;
    if (trigger.AISpecStopTriggerType !== AISpecStopTriggerType.Tag_Observation || tags === undefined) return false;
    if (tags.Timeout > 0 && ran >= tags.Timeout) return true;
    switch (tags.TriggerType) {
      case Observe.Upon_Seeing_N_Tags_Or_Timeout:
        return this.#seen >= tags.NumberOfTags;
      case Observe.Upon_Seeing_N_Unique_Tags_Or_Timeout:
        return this.#unique.size >= tags.NumberOfTags;
      case Observe.N_Attempts_To_See_All_Tags_In_FOV_Or_Timeout:
        return this.#cycles >= tags.NumberOfAttempts;
      case Observe.Upon_Seeing_No_More_New_Tags_For_Tms_Or_Timeout:
        return now - Math.max(this.#lastReadAt, this.#aiStartedAt) >= tags.T;
      default:
        return now - Math.max(this.#lastNewAt, this.#aiStartedAt) >= tags.T;
    }
  }

  /** The AISpec is done: to the next, or round again; true when there is none. */
  #next(now: number): boolean {
    this.#host.endOfAISpec(this.#index + 1, now);
    this.#index++;
    const spec = this.spec.SpecParameter[this.#index];
    if (spec?.type === "LoopSpec") {
      this.#loops++;
      this.#host.looped(this.#loops);
      if (spec.LoopCount !== 0 && this.#loops >= spec.LoopCount) return true;
      this.#index = 0;
    } else if (spec === undefined) return true;
    this.#begin(now);
    return false;
  }

  #begin(now: number): void {
    this.#aiStartedAt = now;
    this.#cycles = 0;
    this.#turns = 0;
    this.#seen = 0;
    this.#unique.clear();
    this.#lastNewAt = now;
    this.#lastReadAt = now;
  }
}
