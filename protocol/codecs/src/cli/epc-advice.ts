import type { EpcError, EpcErrorCode } from "../epc/index.js";

/** What somebody with a tag in hand can do. */
const OF_TAG: Partial<Record<EpcErrorCode, string>> = {
  NOT_HEX: "Give the digits 0 to 9 and A to F; spaces, colons and a 0x in front are left out.",
  BAD_LENGTH: "Read the tag again, and see that the reader reports the whole EPC.",
};

const FORMS = "Give an element string as '(01)09506000134352(21)6789', an EPC URI, a GS1 Digital Link URI, or hex.";

/** What somebody who wants to write a tag can do. */
const OF_TEXT: Partial<Record<EpcErrorCode, string>> = {
  BAD_PARTITION: "Say how many digits your GS1 company prefix has with --prefix-length, or take a '+' scheme.",
  BAD_CHECK_DIGIT: "Look at the number again: one digit is wrong, or two have changed places.",
  NOT_HEX: FORMS,
  BAD_TEXT: FORMS,
  OUT_OF_RANGE: "Take a scheme with more room, or none for the shortest that fits; --help lists them.",
  BAD_DATE: "A date is YYMMDD, with DD = 00 for the end of a month.",
  NO_SCHEME: "Leave --scheme out for the shortest that fits; --help lists them.",
};

export function adviceOn({ code, scheme }: EpcError, command: "decode" | "encode"): string {
  if (command === "encode") return OF_TEXT[code] ?? "Mend it, or take another scheme; --help lists them.";
  return (
    OF_TAG[code] ??
    `The first byte says ${scheme}, the rest does not: a number of somebody's own that begins alike, or a tag written wrongly.`
  );
}
