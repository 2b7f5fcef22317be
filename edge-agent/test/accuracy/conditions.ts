import type { Site } from "@storeward/contracts";
import type { AntennaTurn, Reading } from "@storeward/reader-simulators";
import { Chance } from "./chance.js";

/** What a reader says of its antennas; all of them where none is named. */
export interface Said {
  readonly reader: string;
  readonly antennas?: readonly number[];
  readonly state: "watching" | "blind";
}

/** Something that goes wrong between the antennas and the filters. */
export interface Trouble {
  /** What is left of a turn; undefined while the reader is off. */
  turn(turn: AntennaTurn): AntennaTurn | undefined;
  /** What readers say at this moment, of what they notice themselves. */
  says(now: number): Said[];
}

export interface Condition {
  readonly id: string;
  readonly title: string;
  readonly words: string;
  make(about: {
    readonly site: Site;
    readonly epcs: readonly string[];
    readonly seed: number;
    readonly ms: number;
  }): Trouble;
}

type About = Parameters<Condition["make"]>[0];

/** Antennas that die, for three eighths of the time: of a shelf, of a cabinet, and the outer one of a door. */
const DEAD: readonly { readonly reader: string; readonly antenna: number }[] = [
  { reader: "reader-shelf-a", antenna: 2 },
  { reader: "reader-cabinet-b", antenna: 1 },
  { reader: "reader-storeroom-1", antenna: 2 },
];
const DIES = 0.5;
const REPAIRED = 0.875;
/** Each reader is off for so long, and again after so long, one after the other, shares of the time. */
const OFF = { lasts: 1 / 12, every: 3 / 8, first: 1 / 8, apart: 3 / 32 };
const DROPPED = 0.3;
/** An antenna has such an echo a quarter of the time, of one tag for some seconds. */
const STRAY = { every: 24_000, lasts: 8_000, rate: 0.3, rssi: -68, deviation: 3 };

const calm: Trouble = { turn: (turn) => turn, says: () => [] };

export const CONDITIONS: readonly Condition[] = [
  {
    id: "clean",
    title: "Clean",
    words: "What the antennas of the simulated hospital read, as it is.",
    make: () => calm,
  },
  {
    id: "misses",
    title: "30 % of reads dropped",
    words: "Three reads of ten are taken away, each by itself, on top of what the simulated radio misses.",
    make: ({ seed }) => dropped(new Chance(seed * 31 + 1)),
  },
  {
    id: "strays",
    title: "Stray reads",
    words:
      "Every antenna has an echo for a quarter of the time: for some 8 s it reads one tag, which may be anywhere in the hospital, in 3 of 10 turns at -68 dBm (deviation 3 dB).",
    make: strays,
  },
  {
    id: "dead-known",
    title: "Dead antennas, noticed",
    words:
      "One antenna of the shelf, one of the cabinet and the outer one of a door read nothing for three eighths of the time, and their readers say so.",
    make: (about) => dead(about, true),
  },
  {
    id: "dead-unknown",
    title: "Dead antennas, unnoticed",
    words:
      "The same antennas read nothing, and nobody says so: a cable that is half loose. Reads alone cannot tell this from an empty board.",
    make: (about) => dead(about, false),
  },
  {
    id: "restarts",
    title: "Reader restarts",
    words:
      "Every reader is off two or three times, for 30 s each, one after the other, and its driver says that it is blind.",
    make: restarts,
  },
  {
    id: "all",
    title: "All of it at once",
    words: "Dropped reads, strays, noticed dead antennas and restarts together.",
    make: (about) => {
      const troubles = [strays(about), dead(about, true), dropped(new Chance(about.seed * 31 + 1)), restarts(about)];
      return together(troubles);
    },
  },
];

function dropped(chance: Chance): Trouble {
  return {
    ...calm,
    turn: (turn) => ({ ...turn, readings: turn.readings.filter(() => chance.uniform() >= DROPPED) }),
  };
}

function strays({ epcs, seed }: About): Trouble {
  const chance = new Chance(seed * 31 + 2);
  const echoes = new Map<string, { epc: string | undefined; from: number; to: number }>();
  return {
    ...calm,
    turn(turn) {
      const { reader, antenna, from, to, readings } = turn;
      const key = `${reader} ${antenna}`;
      let echo = echoes.get(key);
      if (echo === undefined || from >= echo.to) {
        const begins = from + chance.exponential(STRAY.every);
        echo = { epc: chance.of(epcs), from: begins, to: begins + chance.exponential(STRAY.lasts) };
        echoes.set(key, echo);
      }
      const { epc } = echo;
      if (epc === undefined || from < echo.from || chance.uniform() >= STRAY.rate) return turn;
      if (readings.some((reading) => reading.epc === epc)) return turn;
      const rssi = STRAY.rssi + STRAY.deviation * chance.normal();
      const stray: Reading = { epc, rssi, at: from + (to - from) * chance.uniform(), channel: 1, phase: 0 };
      return { ...turn, readings: [...readings, stray].sort((a, b) => a.at - b.at) };
    },
  };
}

function dead({ ms }: About, isNoticed: boolean): Trouble {
  const from = DIES * ms;
  const to = REPAIRED * ms;
  let state: "watching" | "blind" = "watching";
  return {
    turn: (turn) =>
      turn.from >= from &&
      turn.from < to &&
      DEAD.some(({ reader, antenna }) => reader === turn.reader && antenna === turn.antenna)
        ? { ...turn, readings: [] }
        : turn,
    says(now) {
      const next = now >= from && now < to ? "blind" : "watching";
      if (!isNoticed || next === state) return [];
      state = next;
      return DEAD.map(({ reader, antenna }) => ({ reader, antennas: [antenna], state: next }));
    },
  };
}

function restarts({ site: { readers }, ms }: About): Trouble {
  const off = new Set<string>();
  const isOff = (index: number, now: number) => {
    const since = now / ms - OFF.first - index * OFF.apart;
    return since >= 0 && since % OFF.every < OFF.lasts;
  };
  return {
    turn: (turn) => (off.has(turn.reader) ? undefined : turn),
    says: (now) =>
      readers.flatMap(({ id }, index): Said[] => {
        if (isOff(index, now) === off.has(id)) return [];
        if (off.delete(id)) return [{ reader: id, state: "watching" }];
        off.add(id);
        return [{ reader: id, state: "blind" }];
      }),
  };
}

/** Antennas that are dead stay so when their reader comes back. */
function together(troubles: readonly Trouble[]): Trouble {
  const dark = new Set<string>();
  return {
    turn: (turn) =>
      troubles.reduce<AntennaTurn | undefined>(
        (left, trouble) => (left === undefined ? left : trouble.turn(left)),
        turn,
      ),
    says(now) {
      const said = troubles.flatMap((trouble) => trouble.says(now));
      for (const { reader, antennas = [], state } of said)
        for (const antenna of antennas) {
          if (state === "blind") dark.add(`${reader} ${antenna}`);
          else dark.delete(`${reader} ${antenna}`);
        }
      const back = said.filter(({ antennas, state }) => antennas === undefined && state === "watching");
      const stillDark = back.flatMap(({ reader }) =>
        DEAD.filter((one) => one.reader === reader && dark.has(`${reader} ${one.antenna}`)),
      );
      return [
        ...said,
        ...stillDark.map(({ reader, antenna }): Said => ({ reader, antennas: [antenna], state: "blind" })),
      ];
    },
  };
}
