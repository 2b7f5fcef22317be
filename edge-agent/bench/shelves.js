/** A storeroom for benches: readers with four boards each, and tags that lie on them. */

export const BOARDS_OF_READER = 4;
export const ROUND_MS = 400;

/** Numbers in [0, 1), the same for the same seed. */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export const epcOf = (tag) => `3034257BF468D480${tag.toString(16).toUpperCase().padStart(8, "0")}`;

/** The readers and read points of so many boards, each with an antenna of its own. */
export function storeroom(boards, power = 20) {
  /** @type {import("@storeward/contracts").Site["readers"]} */
  const readers = Array.from({ length: Math.ceil(boards / BOARDS_OF_READER) }, (_, n) => ({
    id: `reader-${n}`,
    agent: "bench",
    region: "ETSI",
    driver: "llrp",
    host: "127.0.0.1",
    antennas: Array.from({ length: BOARDS_OF_READER }, (_, i) => ({ antenna: i + 1, power })),
  }));
  /** @type {import("@storeward/contracts").Site["readPoints"]} */
  const readPoints = Array.from({ length: boards }, (_, board) => ({
    id: `board-${board}`,
    role: "shelf",
    place: `board-${board}`,
    antennas: [{ reader: readerOf(board), antenna: antennaOf(board) }],
  }));
  return { readers, readPoints };
}

export const readerOf = (board) => `reader-${Math.floor(board / BOARDS_OF_READER)}`;
export const antennaOf = (board) => 1 + (board % BOARDS_OF_READER);

/** Antennas of every reader. */
export const ANTENNAS = Array.from({ length: BOARDS_OF_READER }, (_, i) => i + 1);

/**
 * What a tag on `board` is read by in one round, told to `tell(board, rssi)`: its own board in 85 of 100 rounds, the next one in 15, so
 * that it is read once a round.
 */
export function hear(random, board, boards, tell) {
  if (random() < 0.85) tell(board, Math.round(-50 - 8 * random()));
  if (random() < 0.15) tell((board + 1) % boards, Math.round(-62 - 8 * random()));
}

/** Prints one figure as a line of JSON. */
export function print({ name, value, unit, baseline = null, baselineValue = null }) {
  const ratio = baselineValue === null ? null : Math.round((value / baselineValue) * 100) / 100;
  const rounded = baselineValue === null ? null : Math.round(baselineValue);
  console.log(JSON.stringify({ name, value: Math.round(value), unit, baseline, baselineValue: rounded, ratio }));
}
