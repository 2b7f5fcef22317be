import { CONDITIONS as EDGE, type Condition as EdgeCondition } from "../../../edge-agent/test/accuracy/conditions.js";

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
