import { type Belief, type Likely, PLACES, SHARES } from "./belief.js";

/*
 * A belief as text: base64url of a few bytes for each place, the most likely first. Of a place its number; then two bytes, of which fourteen bits are
 * its likelihood in ten-thousandths, one says that the number of its floor follows and one that it is open. A number has seven bits a byte, the
 * lowest first; a byte that is followed by more of them has the eighth bit set. Eight places whose numbers are below 2^21 take 88 characters.
 */

/** A number has three bytes at most. */
const BELOW = 2 ** 21;
const HAS_FLOOR = 2;
const IS_OPEN = 1;
const ALPHABET = /^[\w-]*$/;

/**
 * @param belief of eight places at most, each likelihood rounded to ten-thousandths, as the belief itself makes them
 * @param numberOf an integer from 0 to below 2^21 for each place or floor that is named
 * @throws RangeError where a number or a likelihood has no such form
 */
export function encodeBelief(belief: Belief, numberOf: (place: string) => number): string {
  if (belief.length > PLACES) throw new RangeError(`a belief of ${belief.length} places has no short form`);
  const bytes: number[] = [];
  for (const { place, floor, open, p } of belief) {
    const share = Math.round(p * SHARES);
    if (!(share >= 0 && share <= SHARES)) throw new RangeError(`${p} is no likelihood`);
    const bits = (share << 2) | (floor === undefined ? 0 : HAS_FLOOR) | (open === true ? IS_OPEN : 0);
    pushNumber(bytes, numberOf(place));
    bytes.push(bits >> 8, bits & 0xff);
    if (floor !== undefined) pushNumber(bytes, numberOf(floor));
  }
  return Buffer.from(bytes).toString("base64url");
}

/**
 * @param placeOf the place of a number; throws where there is none
 * @throws RangeError where `text` is nothing that {@link encodeBelief} writes
 */
export function decodeBelief(text: string, placeOf: (number: number) => string): Belief {
  if (!ALPHABET.test(text)) throw new RangeError("a stored belief is not base64url");
  const bytes = new Bytes(Buffer.from(text, "base64url"));
  const belief: Likely[] = [];
  while (bytes.hasMore()) {
    if (belief.length === PLACES) throw new RangeError(`a stored belief has more than ${PLACES} places`);
    const place = placeOf(bytes.number());
    const bits = (bytes.next() << 8) | bytes.next();
    const share = bits >> 2;
    if (share > SHARES) throw new RangeError("a stored belief has a likelihood above 1");
    const likely: { -readonly [Key in keyof Likely]: Likely[Key] } = { p: share / SHARES, place };
    if ((bits & HAS_FLOOR) !== 0) likely.floor = placeOf(bytes.number());
    if ((bits & IS_OPEN) !== 0) likely.open = true;
    belief.push(likely);
  }
  return belief;
}

function pushNumber(bytes: number[], number: number): void {
  if (!Number.isInteger(number) || number < 0 || number >= BELOW)
    throw new RangeError(`${number} is no number of a place`);
  let left = number;
  for (; left > 0x7f; left >>= 7) bytes.push((left & 0x7f) | 0x80);
  bytes.push(left);
}

class Bytes {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  next(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError("a stored belief ends too soon");
    return byte;
  }

  number(): number {
    let number = 0;
    for (let shift = 0; shift < 21; shift += 7) {
      const byte = this.next();
      number |= (byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
    throw new RangeError("a stored belief has a number that is too long");
  }
}
