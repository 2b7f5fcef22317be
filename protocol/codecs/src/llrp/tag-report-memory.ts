import type { LlrpParameter } from "./types.js";

type TagReportData = LlrpParameter<"TagReportData">;
export type TagReportContentSelector = LlrpParameter<"TagReportContentSelector">;

/** What a reader may leave out of a report while its value is the last one sent, and what enables it. */
const remembered = [
  ["ROSpecID", "EnableROSpecID"],
  ["SpecIndex", "EnableSpecIndex"],
  ["InventoryParameterSpecID", "EnableInventoryParameterSpecID"],
  ["AntennaID", "EnableAntennaID"],
  ["PeakRSSI", "EnablePeakRSSI"],
  ["ChannelIndex", "EnableChannelIndex"],
  ["FirstSeenTimestampUTC", "EnableFirstSeenTimestamp"],
  ["FirstSeenTimestampUptime", "EnableFirstSeenTimestamp"],
  ["LastSeenTimestampUTC", "EnableLastSeenTimestamp"],
  ["LastSeenTimestampUptime", "EnableLastSeenTimestamp"],
  ["TagSeenCount", "EnableTagSeenCount"],
  ["AccessSpecID", "EnableAccessSpecID"],
] as const satisfies readonly (readonly [keyof TagReportData, keyof TagReportContentSelector])[];

/** What is remembered where the reader was asked for `selector`; all there is where that is not known. */
export function enabledNames(
  selector: TagReportContentSelector | undefined,
): readonly (typeof remembered)[number][0][] {
  return remembered.filter(([, enable]) => selector === undefined || selector[enable]).map(([name]) => name);
}

/**
 * The values last reported on one connection. An enabled parameter that is absent from TagReportData has the value last
 * reported, whichever tag it was for (LLRP 1.1 §14.2.3). One memory per connection: a new one begins with it.
 */
export class TagReportMemory {
  readonly #names: readonly (typeof remembered)[number][0][];
  #last: TagReportData = {};

  /** `selector`: what the reader was asked to report, if known; what it leaves disabled is then never filled in. */
  constructor(selector?: TagReportContentSelector) {
    this.#names = enabledNames(selector);
  }

  /** The report with what it leaves out filled in. Call for every report, in the order in which they came. */
  complete(report: TagReportData): TagReportData {
    const last: Partial<Record<keyof TagReportData, unknown>> = {};
    for (const name of this.#names) {
      const value = report[name] ?? this.#last[name];
      if (value !== undefined) last[name] = value;
    }
    this.#last = last as TagReportData;
    return { ...this.#last, ...report };
  }
}
