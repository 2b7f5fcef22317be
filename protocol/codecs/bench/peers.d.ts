/* Of the libraries that ours are measured beside what the benches use: their own types do not say what they do. */

declare const peer: {
  /** Of epc-tds: a tag by the hex of its memory. */
  valueOf(hex: string): { getGtin(): string; getSerial(): string | number };
  /** Of gs1-barcode-parser-mod. */
  parseBarcode(label: string): {
    readonly parsedCodeItems: readonly { readonly ai: string; readonly raw: string; readonly isoDate?: string }[];
  };
};
export default peer;

interface TagReport {
  readonly EPC_96: { readonly EPC: string };
  readonly AntennaID: { readonly AntennaID: number };
  readonly PeakRSSI: { readonly PeakRSSI: number };
  readonly ChannelIndex: { readonly ChannelIndex: number };
  readonly FirstSeenTimestampUTC: { readonly Microseconds: string };
  readonly LastSeenTimestampUTC: { readonly Microseconds: string };
  readonly TagSeenCount: { readonly TagCount: number };
}

/** Of llrpjs. */
export class LLRPMessage {
  constructor(frame: Uint8Array);
  decode(): this;
  toLLRPData(): { readonly data: { readonly TagReportData: readonly TagReport[] } };
}
