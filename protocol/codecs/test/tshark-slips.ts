/** Where a field stands, in bits, and how wide it is: "416+8". */
export type Place = string;

/**
 * Where tshark 4.0 shows a field elsewhere than where it reads on, by its parameter or message: the place that it has in
 * LLRP 1.1 §17 and that shown, in bits from the parameter's beginning; "" for one not shown. Each is a slip of its
 * dissector alone: whatever follows is in its place again.
 */
const misplaced: Readonly<Record<string, Readonly<Record<Place, Place>>>> = {
  // CanSetAntennaProperties of GeneralDeviceCapabilities, a word too early.
  137: { "48+1": "32+1" },
  // NumEmptySlots of C1G2SingulationDetails, where NumCollisionSlots is.
  18: { "24+16": "8+16" },
  // C1G2GetBlockPermalockStatus: MB and what follows, by steps of two bytes instead of four and one.
  359: { "80+2": "64+2", "88+16": "80+16", "104+16": "96+16" },
  SET_PROTOCOL_VERSION: { "80+8": "83+3" },
  // EnableCryptoResponse of TagReportContentSelector is of LLRP 2.0, which it does not know.
  238: { "42+1": "" },
};

/** ClientRequestResponse, of which it takes AccessSpecID for a parameter: nothing inside is read. */
export const UNREAD_PARAMETER = 211;

/** Nothing behind the vendor is read. */
export const UNREAD_MESSAGE = "CUSTOM_MESSAGE";

const ofParameter = /^(malformed|Incorrect length of parameter: \d+ bytes decoded, but \d+ bytes claimed\.)$/;

/** What tshark says where it counted wrongly: by the above, and by the count before Identification's ReaderID. */
const miscounted: Readonly<Record<string, RegExp>> = {
  SET_PROTOCOL_VERSION: /^(malformed|Incorrect length of message: 10 bytes decoded, but 11 bytes available\.)$/,
  CUSTOM_MESSAGE: /^(malformed|Incorrect length of message: 14 bytes decoded, but \d+ bytes available\.)$/,
  GET_READER_CONFIG_RESPONSE: ofParameter,
  ADD_ACCESSSPEC: ofParameter,
  GET_ACCESSSPECS_RESPONSE: ofParameter,
  CLIENT_REQUEST_OP_RESPONSE: /^(malformed|Incorrect length of parameter: 4 bytes|Invalid length field)/,
};

/** Where tshark shows a field of a parameter (by number) or message (by name) that begins at bit `base`. */
export function shownPlace(owner: string, base: number, place: Place): Place {
  const [at = 0, size] = place.split("+").map(Number);
  const elsewhere = misplaced[owner]?.[`${at - base}+${size}`];
  if (elsewhere === undefined || elsewhere === "") return elsewhere ?? place;
  const [other = 0, otherSize] = elsewhere.split("+").map(Number);
  return `${base + other}+${otherSize}`;
}

/** Whether a complaint about a message comes of such a slip. */
export function isMiscounted(message: string, complaint: string): boolean {
  return miscounted[message]?.test(complaint) === true;
}
