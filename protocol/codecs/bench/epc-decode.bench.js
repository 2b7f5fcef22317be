/**
 * EPCs a second from the hex of a tag's memory, and from its bytes, to GTIN and serial as text, beside epc-tds on the same
 * EPCs in the same process. Both take turns, so that a busy machine is busy for both; the best round counts.
 */
import { decodeEpc, encodeEpc } from "@storeward/codecs/epc";
import epcTds from "epc-tds";
import { inTurns, print } from "./turns.js";

const EPCS = 10_000;
const ROUNDS = 7;
const ROUND_MS = 250;

/** SGTIN-96 of every partition and filter, with serials over all their 38 bits. */
const hexes = Array.from({ length: EPCS }, (_, index) => {
  const companyPrefixLength = 6 + (index % 7);
  const digits = String(1_000_000_000_000 + ((index * 7_777_777_771) % 9_000_000_000_000));
  const gtin = digits + checkDigit(digits);
  const serial = String((index * 27_487_791) % 2 ** 38);
  return encodeEpc({ scheme: "sgtin-96", filter: index % 8, companyPrefixLength, gtin, serial });
});
const memories = hexes.map((hex) => Uint8Array.from(hex.match(/../g), (byte) => Number.parseInt(byte, 16)));

const ours = (epc) => {
  const decoded = decodeEpc(epc);
  if (decoded.scheme !== "sgtin-96") throw new Error(`decoded as ${decoded.scheme}`);
  return decoded;
};
const oursOf = (epcs) => () => {
  let sum = 0;
  for (const epc of epcs) {
    const { gtin, serial } = ours(epc);
    sum += gtin.charCodeAt(13) + serial.charCodeAt(0);
  }
  return sum;
};
const theirs = () => {
  let sum = 0;
  for (const hex of hexes) {
    const decoded = epcTds.valueOf(hex);
    sum += decoded.getGtin().charCodeAt(13) + String(decoded.getSerial()).charCodeAt(0);
  }
  return sum;
};

for (const [index, hex] of hexes.entries()) {
  const decoded = epcTds.valueOf(hex);
  for (const { gtin, serial } of [ours(hex), ours(memories[index])]) {
    if (gtin !== decoded.getGtin() || serial !== String(decoded.getSerial())) {
      throw new Error(`the two decoders do not agree on ${hex}`);
    }
  }
}

const runs = { "epc-decode": oursOf(memories), "epc-decode-hex": oursOf(hexes), "epc-tds 1.4.1": theirs };
const expected = theirs();
const checked = Object.entries(runs).map(([name, run]) => [
  name,
  () => {
    if (run() !== expected) throw new Error("the decoders do not give the same text");
  },
]);
const figures = inTurns(Object.fromEntries(checked), { rounds: ROUNDS, ms: ROUND_MS, each: EPCS });
print(figures, "EPCs/s", "epc-tds 1.4.1");

function checkDigit(digits) {
  const sum = [...digits].reduce((total, digit, place) => total + Number(digit) * (place % 2 === 0 ? 3 : 1), 0);
  return String((10 - (sum % 10)) % 10);
}
