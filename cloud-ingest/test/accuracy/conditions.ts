import type { Site } from "@storeward/contracts";
import type { AntennaTurn } from "@storeward/reader-simulators";
import { Chance } from "../../../edge-agent/test/accuracy/chance.js";
import { CONDITIONS as EDGE, type Condition as EdgeCondition } from "../../../edge-agent/test/accuracy/conditions.js";
import { afterWalk } from "./walk.js";

/** What goes wrong between the agents and the cloud, by agent. Times are simulated ms. */
export interface Delivery {
  /** When a row of that moment comes to the cloud. */
  arrives(agent: string, at: number): number;
  /** By how much its own times are wrong, as far as the cloud can tell, ms. */
  clockError(agent: string, at: number): number;
}

export interface Condition {
  readonly id: string;
  readonly title: string;
  readonly words: string;
  /** What goes wrong with the reads. Conditions of the same are of the same observations. */
  readonly edge: EdgeCondition;
  readonly delivery: (ms: number) => Delivery;
  /** What the cloud knows of the site, where that is not what the devices know. */
  readonly known?: (site: Site) => Site;
}

/** What a device needs to write, send and have taken in, ms. */
const ON_THE_WAY_MS = 700;
/** The one with the doors. */
const AGENT = "edge-stores";
const OFFLINE = { from: 0.1, ms: 30 * 60_000 };
const WRONG_MS = -10 * 60_000;
const WRONG_UNTIL = 0.25;

/** Nothing goes wrong. */
export const PROMPT: Delivery = { arrives: (_, at) => at + ON_THE_WAY_MS, clockError: () => 0 };

function edge(id: string): EdgeCondition {
  const found = EDGE.find((one) => one.id === id);
  if (found === undefined) throw new RangeError(`no condition ${id}`);
  return found;
}

function ofReads(id: string): Condition {
  const { title, words } = edge(id);
  return { id, title, words, edge: edge(id), delivery: () => PROMPT };
}

/** The reader of four boards hangs on cables that are too long: it reads so much more weakly, and so many of what is left not at all. */
const LONG_CABLES = { reader: "reader-shelf-a", db: 16, lost: 0.5, hears: -75 } as const;

/** What a walk has shown of boards with such cables: things of seed 142, which is used for nothing else. */
const WALKED = {
  "shelf-a-1": { rssi: -51.9, rate: 0.35 },
  "shelf-a-2": { rssi: -53.2, rate: 0.32 },
  "shelf-a-3": { rssi: -58.6, rate: 0.33 },
  "shelf-a-4": { rssi: -53.7, rate: 0.35 },
  "shelf-b-1": { rssi: -39.1, rate: 0.68 },
  "shelf-b-2": { rssi: -37.1, rate: 0.66 },
} as const;

const weakBoards: EdgeCondition = {
  id: "weak",
  title: "Long cables",
  words: `The antennas of shelf A read ${LONG_CABLES.db} dB more weakly, nothing below ${LONG_CABLES.hears} dBm, and of the rest ${LONG_CABLES.lost * 100} % not at all.`,
  make({ seed }) {
    const chance = new Chance(seed * 31 + 9);
    const weaker = (turn: AntennaTurn): AntennaTurn => {
      const readings = turn.readings.map((one) => ({ ...one, rssi: one.rssi - LONG_CABLES.db }));
      const heard = readings.filter(({ rssi }) => rssi >= LONG_CABLES.hears && chance.uniform() >= LONG_CABLES.lost);
      return { ...turn, readings: heard };
    };
    return { turn: (turn) => (turn.reader === LONG_CABLES.reader ? weaker(turn) : turn), says: () => [] };
  },
};

/** The same reads for a cloud that has not been told how its boards read, and for one that has. */
export const WALKS: readonly Condition[] = [
  { ...weakBoards, edge: weakBoards, delivery: () => PROMPT },
  {
    id: "walked",
    title: "Long cables, after a site walk",
    words: "The same, and the site says how test tags are read on each board.",
    edge: weakBoards,
    delivery: () => PROMPT,
    known: (site) => afterWalk(site, WALKED),
  },
];

export const CONDITIONS: readonly Condition[] = [
  ofReads("clean"),
  ofReads("misses"),
  ofReads("strays"),
  ofReads("dead-unknown"),
  {
    id: "offline",
    title: "Agent offline for 30 minutes",
    words:
      "The device with the doors and shelf A cannot reach the cloud for 30 minutes; then all it has journaled comes at once.",
    edge: edge("clean"),
    delivery: (ms) => {
      const from = OFFLINE.from * ms;
      const to = from + OFFLINE.ms;
      const isOff = (agent: string, at: number) => agent === AGENT && at >= from && at < to;
      return { ...PROMPT, arrives: (agent, at) => (isOff(agent, at) ? to : at) + ON_THE_WAY_MS };
    },
  },
  {
    id: "clock",
    title: "Clock 10 minutes off",
    words:
      "The clock of that device is 10 minutes behind when it boots, and nobody can tell it for the first quarter of the time, because it is offline; then it learns the time. What it observed before is dated by its own clock.",
    edge: edge("clean"),
    delivery: (ms) => {
      const until = WRONG_UNTIL * ms;
      const isWrong = (agent: string, at: number) => agent === AGENT && at < until;
      return {
        arrives: (agent, at) => (isWrong(agent, at) ? until : at) + ON_THE_WAY_MS,
        clockError: (agent, at) => (isWrong(agent, at) ? WRONG_MS : 0),
      };
    },
  },
];
