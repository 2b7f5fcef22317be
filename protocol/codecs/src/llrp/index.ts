/**
 * LLRP 1.0.1, 1.1 and 2.0 (GS1 Low Level Reader Protocol), from bytes to typed messages and back. Loads in a browser.
 *
 * - `LlrpFramer` cuts a TCP stream into frames; `decodeMessage(frame)` and `encodeMessage(message)` do one frame.
 * - `TagReportCursor` reads the tags of RO_ACCESS_REPORT without making objects, several times as fast; `TagReportMemory`
 *   fills in what a report leaves out of objects.
 * - A message is told apart by `type`, the standard's name: "ADD_ROSPEC", "RO_ACCESS_REPORT"; one of an unknown type is
 *   "UNKNOWN_MESSAGE" with its bytes. All have `id` (message id) and `version` (1 = 1.0.1, 2 = 1.1, 3 = 2.0).
 * - Fields and parameters are properties under the names of the standard's toolkit (LTK). One parameter is an object,
 *   a repeatable one an array; what is absent is `undefined`, also an empty array.
 * - Field values: numbers; `u64` (Microseconds) is a bigint; one bit (`Enable…`, `Can…`) is a boolean; enumerations are
 *   numbers, named by the maps (`StatusCode.M_Success`; back by `enumerationName(StatusCode, 0)`); byte strings are Uint8Array;
 *   bit strings (EPCData.EPC, TagMask) are `{ bitCount, bytes }`; arrays of numbers are arrays.
 * - Three arrays hold alternatives in an order that matters, and `Custom` holds any vendor's. Their elements carry a
 *   `type`: `ROSpec.SpecParameter[0].type === "AISpec"`; `AccessCommand.AccessCommandOpSpec`;
 *   `TagReportData.AccessCommandOpSpecResult`; `Custom[0].type === "Custom"`.
 * - Extensions of Impinj and Zebra are messages and parameters like the standard's ("IMPINJ_ENABLE_EXTENSIONS",
 *   "ImpinjRFPhaseAngle", "MotoTagPhase"); those of others, and those that are not as the table says, are CUSTOM_MESSAGE and
 *   `Custom` with their bytes.
 * - Parameters that the table does not know stay in `unknownParameters` and are encoded again unchanged.
 *
 * ```ts
 * const frame = encodeMessage({
 *   type: "ADD_ROSPEC",
 *   id: 1,
 *   ROSpec: {
 *     ROSpecID: 1,
 *     Priority: 0,
 *     CurrentState: ROSpecState.Disabled,
 *     ROBoundarySpec: {
 *       ROSpecStartTrigger: { ROSpecStartTriggerType: ROSpecStartTriggerType.Immediate },
 *       ROSpecStopTrigger: { ROSpecStopTriggerType: ROSpecStopTriggerType.Null, DurationTriggerValue: 0 },
 *     },
 *     SpecParameter: [
 *       {
 *         type: "AISpec",
 *         AntennaIDs: [1, 2],
 *         AISpecStopTrigger: { AISpecStopTriggerType: AISpecStopTriggerType.Null, DurationTrigger: 0 },
 *         InventoryParameterSpec: [{ InventoryParameterSpecID: 1, ProtocolID: AirProtocols.EPCGlobalClass1Gen2 }],
 *       },
 *     ],
 *     ROReportSpec: {
 *       ROReportTrigger: ROReportTriggerType.Upon_N_Tags_Or_End_Of_AISpec,
 *       N: 1,
 *       TagReportContentSelector: { EnableROSpecID: false, …, EnableCryptoResponse: false },
 *     },
 *   },
 * });
 *
 * const message = decodeMessage(frame);
 * if (message.type === "RO_ACCESS_REPORT") {
 *   for (const tag of message.TagReportData ?? []) {
 *     epcHexOf(tag); //                               "3066C4409047E140075BCD15", from EPC_96 or EPCData
 *     tag.AntennaID?.AntennaID; //                    1
 *     tag.PeakRSSI?.PeakRSSI; //                      -52 (dBm)
 *     tag.FirstSeenTimestampUTC?.Microseconds; //     1199145600000000n
 *     tag.TagSeenCount?.TagCount; //                  3
 *   }
 * }
 * ```
 */
export { decodeMessage, encodeMessage } from "./codec.js";
export type { BitString } from "./definition.js";
export { enumerationName } from "./enumeration-name.js";
export { epcHexOf, hexOf } from "./epc-hex.js";
export { LlrpDecodeError, type LlrpDecodeErrorCode, LlrpEncodeError, type LlrpEncodeErrorCode } from "./errors.js";
export {
  LlrpFramer,
  type LlrpFramerCounters,
  type LlrpFramerResult,
  type LlrpFramingError,
  type LlrpFramingErrorCode,
} from "./framer.js";
export * from "./tables/enumerations.js";
export { TagReportCursor } from "./tag-report-cursor.js";
export { TagReportMemory } from "./tag-report-memory.js";
export type {
  LlrpMessage,
  LlrpMessageInput,
  LlrpMessageInputOf,
  LlrpMessageOf,
  LlrpParameter,
  LlrpUnknownMessage,
  LlrpVersion,
  MessageName,
  ParameterName,
  RawParameter,
} from "./types.js";
