import { Chance } from "../accuracy/chance.js";

/** A shelf of two boards and a door, for three minutes, with what is true of them: files that `storeward-edge evaluate` reads. */
export interface SmallSite {
  readonly map: string;
  /** CSV with a header, in order of time; times are ISO. */
  readonly reads: string;
  /** JSON lines. */
  readonly truth: string;
}

const START = Date.UTC(2026, 2, 1, 8);
const RESTING = ["3034257BF400B7800000AA01", "3034257BF400B7800000AA02", "3034257BF400B7800000AA03"];
const MOVED = "3034257BF400B7800000AA04";
const CARRIED = "3034257BF400B7800000AA05";
const UNLISTED = "3034257BF400B7800000FF01";

const MAP = `
antennas:
  - { antenna: 1, readPoint: board-1, role: shelf }
  - { antenna: 2, readPoint: board-2, role: shelf }
  - { antenna: 3, readPoint: store-door, role: inside }
  - { antenna: 4, readPoint: store-door, role: outside }
portals:
  - { readPoint: store-door, inside: store, outside: corridor }
`;

/** Tags rest on board 1; one lies there for a minute and then on board 2; one is carried in, and out again. */
export function smallSite(): SmallSite {
  const chance = new Chance(7);
  const rows: { at: number; antenna: number; epc: string; rssi: number }[] = [];
  const near = (at: number, antenna: number, epc: string, rssi: number, rate: number) => {
    if (chance.uniform() < rate) rows.push({ at, antenna, epc, rssi: Math.round(rssi + 2 * chance.normal()) });
  };
  for (let at = 0; at < 180_000; at += 500) {
    for (const epc of [...RESTING, UNLISTED]) near(at + 10, 1, epc, -55, 0.7);
    const onFirst = at < 70_000;
    near(at + 20, 1, MOVED, onFirst ? -54 : -70, onFirst ? 0.7 : 0.1);
    near(at + 260, 2, MOVED, onFirst ? -70 : -54, onFirst ? 0.1 : 0.7);
  }
  for (const [centre, direction] of [
    [40_000, 1],
    [110_000, -1],
  ] as const)
    for (let at = centre - 3_000; at <= centre + 3_000; at += 50) {
      const metres = (direction * 1.2 * (at - centre)) / 1_000;
      near(at, 3, CARRIED, levelAt(metres), 0.5);
      near(at + 25, 4, CARRIED, levelAt(-metres), 0.5);
    }
  rows.sort((a, b) => a.at - b.at);
  const iso = (at: number) => new Date(START + at).toISOString();
  return {
    map: MAP,
    reads: [
      "time,antenna,epc,rssi",
      ...rows.map(({ at, antenna, epc, rssi }) => `${iso(at)},${antenna},${epc},${rssi}`),
    ].join("\n"),
    truth: [
      ...RESTING.map((epc) => ({ epc, readPoint: "board-1", from: iso(0) })),
      { epc: MOVED, readPoint: "board-1", from: iso(0), to: iso(70_000) },
      { epc: MOVED, readPoint: "board-2", from: iso(70_000) },
      { epc: CARRIED, readPoint: "store-door", direction: "in", at: iso(40_000) },
      { epc: CARRIED, readPoint: "store-door", direction: "out", at: iso(110_000) },
    ]
      .map((fact) => `${JSON.stringify(fact)}\n`)
      .join(""),
  };
}

/** What an antenna above a door, which looks to its own side, reads of a tag so many metres on that side, dBm. */
function levelAt(metres: number): number {
  const apart = Math.hypot(1.2, metres - 0.25);
  const behind = metres < 0.25 ? 8 * Math.min(1, 0.25 - metres) : 0;
  return -44 - 40 * Math.log10(apart) - behind;
}
