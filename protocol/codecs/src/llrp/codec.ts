import { compile } from "./compile.js";
import { decodeWith } from "./decode.js";
import { encodeWith } from "./encode.js";
import { table } from "./tables/index.js";
import { tagReportBody } from "./tag-report-body.js";
import type { LlrpMessage, LlrpMessageInput, LlrpVersion } from "./types.js";

export const compiled = compile(table, { TagReportData: tagReportBody });

/**
 * Decodes one whole frame, header included, as `LlrpFramer` delivers it.
 *
 * Byte fields are views into the frame: copy what is kept long. A repeated parameter that cannot be decoded is given up
 * alone and kept in `unknownParameters` with its error; anything else that is not LLRP throws `LlrpDecodeError`.
 */
export function decodeMessage(frame: Uint8Array): LlrpMessage {
  return decodeWith(compiled, frame) as unknown as LlrpMessage;
}

/**
 * Encodes a message as one frame. The header's version is `version`, else the message's own, else 1 (LLRP 1.0.1).
 * Throws `LlrpEncodeError` for a value that its field cannot hold or a required parameter that is missing.
 */
export function encodeMessage(message: LlrpMessageInput, version?: LlrpVersion): Uint8Array {
  return encodeWith(compiled, message as unknown as Record<string, unknown>, version ?? message.version ?? 1);
}
