import { type LlrpParameter, ROReportTriggerType as Trigger } from "@storeward/codecs/llrp";
import type { Reading } from "../../radio/field.js";
import { tagReport } from "./tag-report.js";
import type { TagTime } from "./tag-time.js";

/** Where in an ROSpec a tag was read. */
export interface ReadContext {
  readonly antenna: number;
  readonly roSpecId: number;
  readonly specIndex: number;
  readonly inventoryParameterSpecId: number;
}

/** One TagReportData in the making. */
export interface TagEntry extends ReadContext {
  readonly epc: string;
  readonly channel: number;
  readonly firstSeen: number;
  lastSeen: number;
  /** dBm. */
  peak: number;
  /** 0.01 dBm. */
  finePeak: number;
  count: number;
  readonly accessSpecId: number | undefined;
  readonly results: LlrpParameter<"TagReportData">["AccessCommandOpSpecResult"] | undefined;
}

/** More different entries than this are handed on before their time: memory is bounded. */
const MAX_ENTRIES = 4096;
const MAX_COUNT = 0xffff;

/**
 * Gathers the reads of one ROSpec into reports, as its ROReportSpec says (LLRP 1.1 §14.2.1). Reads that differ in nothing
 * the client wants to know are one TagReportData (§14.2.3): first and last seen, count, strongest RSSI.
 */
export class ReportBook {
  readonly #spec: LlrpParameter<"ROReportSpec">;
  readonly #time: TagTime;
  readonly #emit: (tags: LlrpParameter<"TagReportData">[]) => void;
  readonly #entries = new Map<string, TagEntry>();
  #since: number;

  constructor(
    spec: LlrpParameter<"ROReportSpec">,
    now: number,
    time: TagTime,
    emit: (tags: LlrpParameter<"TagReportData">[]) => void,
  ) {
    this.#spec = spec;
    this.#time = time;
    this.#emit = emit;
    this.#since = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  observe(reading: Reading, context: ReadContext, access?: Pick<TagEntry, "accessSpecId" | "results">): void {
    const finePeak = Math.max(-12_800, Math.min(12_700, Math.round(reading.rssi * 100)));
    const peak = Math.max(-128, Math.min(127, Math.round(reading.rssi)));
    // What an operation on the tag gave is of one moment: it is accumulated with nothing.
    const key = access === undefined ? this.#key(reading, context) : `access ${reading.at} ${reading.epc}`;
    const known = this.#entries.get(key);
    if (known === undefined) {
      const { epc, channel, at } = reading;
      const entry: TagEntry = {
        antenna: context.antenna,
        roSpecId: context.roSpecId,
        specIndex: context.specIndex,
        inventoryParameterSpecId: context.inventoryParameterSpecId,
        accessSpecId: access?.accessSpecId,
        results: access?.results,
        epc,
        channel,
        firstSeen: at,
        lastSeen: at,
        peak,
        finePeak,
        count: 1,
      };
      this.#entries.set(key, entry);
    } else {
      known.lastSeen = reading.at;
      known.peak = Math.max(known.peak, peak);
      known.finePeak = Math.max(known.finePeak, finePeak);
      known.count = Math.min(MAX_COUNT, known.count + 1);
    }
    const { ROReportTrigger, N } = this.#spec;
    const counts =
      ROReportTrigger === Trigger.Upon_N_Tags_Or_End_Of_AISpec ||
      ROReportTrigger === Trigger.Upon_N_Tags_Or_End_Of_ROSpec;
    if ((counts && N > 0 && this.#entries.size >= N) || this.#entries.size >= MAX_ENTRIES) this.flush();
  }

  endOfAISpec(): void {
    const { ROReportTrigger: trigger } = this.#spec;
    const { Upon_N_Tags_Or_End_Of_AISpec, Upon_N_Seconds_Or_End_Of_AISpec, Upon_N_Milliseconds_Or_End_Of_AISpec } =
      Trigger;
    const wanted: number[] = [
      Upon_N_Tags_Or_End_Of_AISpec,
      Upon_N_Seconds_Or_End_Of_AISpec,
      Upon_N_Milliseconds_Or_End_Of_AISpec,
    ];
    if (wanted.includes(trigger)) this.flush();
  }

  endOfROSpec(): void {
    if (this.#spec.ROReportTrigger !== Trigger.None) this.flush();
  }

  tick(now: number): void {
    const { ROReportTrigger: trigger, N } = this.#spec;
    const seconds =
      trigger === Trigger.Upon_N_Seconds_Or_End_Of_AISpec || trigger === Trigger.Upon_N_Seconds_Or_End_Of_ROSpec;
    const milliseconds =
      trigger === Trigger.Upon_N_Milliseconds_Or_End_Of_AISpec ||
      trigger === Trigger.Upon_N_Milliseconds_Or_End_Of_ROSpec;
    const period = seconds ? N * 1000 : milliseconds ? N : 0;
    if (period === 0 || now - this.#since < period) return;
    this.#since = now;
    this.flush();
  }

  /** Hands everything on, whatever the trigger. */
  flush(): void {
    if (this.#entries.size === 0) return;
    const tags = [...this.#entries.values()].map((entry) => tagReport(entry, this.#spec, this.#time));
    this.#entries.clear();
    this.#emit(tags);
  }

  #key({ epc, channel }: Reading, context: ReadContext): string {
    const wants = this.#spec.TagReportContentSelector;
    let key = epc;
    if (wants.EnableAntennaID) key += ` a${context.antenna}`;
    if (wants.EnableSpecIndex) key += ` s${context.specIndex}`;
    if (wants.EnableInventoryParameterSpecID) key += ` i${context.inventoryParameterSpecId}`;
    if (wants.EnableChannelIndex) key += ` c${channel}`;
    return key;
  }
}
