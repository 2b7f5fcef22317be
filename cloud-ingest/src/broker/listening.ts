import { type AgentTopic, partitionOf } from "@storeward/contracts";
import type { Clock } from "@storeward/runtime";

/** A connected agent says something at least every 15 s, and a broker tells after 45 s of one that does not. */
const QUIET_MS = 75_000;
/** An agent that has not been heard for so long is none that is connected: where a broker died with it, nobody tells. */
const GONE_MS = 10 * 60_000;
/** More are not looked after. */
const MOST_AGENTS = 10_000;

/** What is not heard although it is connected. */
export interface Unheard {
  /** Ascending. */
  readonly partitions: readonly number[];
  readonly agents: number;
  /** Since the latest word of any of them. */
  readonly seconds: number;
  /** Whether nothing is heard of any partition in which an agent is connected. */
  readonly isAll: boolean;
}

/**
 * Whether we hear the agents that are connected. A broker may carry nothing of a partition although it has granted the subscription; then all agents in
 * it fall silent at once, while to the broker they are there. One that falls silent alone is its own affair, and the broker's will tells of it.
 */
export class Listening {
  readonly #clock: Pick<Clock, "mono">;
  #partitions: ReadonlySet<number> = new Set();
  /** When each agent that is connected, as far as we know, was heard last, or that was learnt; mono ms. */
  readonly #agents = new Map<string, number>();
  /** Silence from before does not count: there was no broker. */
  #since = 0;

  constructor(clock: Pick<Clock, "mono">) {
    this.#clock = clock;
  }

  /** These partitions are ours from now on, and no others. */
  hold(partitions: ReadonlySet<number>): void {
    this.#partitions = partitions;
    for (const agent of this.#agents.keys()) if (!partitions.has(partitionOf(agent))) this.#agents.delete(agent);
  }

  /** They are connected, as others have heard. */
  expect(agents: readonly string[]): void {
    const now = this.#clock.mono();
    for (const agent of agents)
      if (this.#partitions.has(partitionOf(agent)) && !this.#agents.has(agent)) this.#note(agent, now);
  }

  /** An agent has said something; @param isGoodbye it, or the broker for it, that its connection has ended */
  heard(agent: string, isGoodbye: boolean): void {
    if (isGoodbye) this.#agents.delete(agent);
    else this.#note(agent, this.#clock.mono());
  }

  #note(agent: string, at: number): void {
    if (this.#agents.size < MOST_AGENTS || this.#agents.has(agent)) this.#agents.set(agent, at);
  }

  /** The broker was away and is there again: silence counts from now. */
  begun(): void {
    this.#since = this.#clock.mono();
  }

  /** Undefined while of every partition in which an agent is connected something is heard. */
  unheard(): Unheard | undefined {
    const now = this.#clock.mono();
    const latest = new Map<number, { at: number; agents: number }>();
    for (const [agent, at] of this.#agents) {
      if (now - at > GONE_MS) {
        this.#agents.delete(agent);
        continue;
      }
      const partition = partitionOf(agent);
      const known = latest.get(partition) ?? { at: this.#since, agents: 0 };
      latest.set(partition, { at: Math.max(known.at, at), agents: known.agents + 1 });
    }
    const quiet = [...latest].filter(([, { at }]) => now - at > QUIET_MS);
    if (quiet.length === 0) return undefined;
    return {
      partitions: quiet.map(([partition]) => partition).sort((a, b) => a - b),
      agents: quiet.reduce((sum, [, { agents }]) => sum + agents, 0),
      seconds: Math.floor((now - Math.max(...quiet.map(([, { at }]) => at))) / 1000),
      isAll: quiet.length === latest.size,
    };
  }
}

/** Whether a `status` says that its agent is away. Whatever cannot be read says nothing. */
export function isGoodbye(leaf: AgentTopic, payload: Buffer): boolean {
  if (leaf !== "status") return false;
  try {
    const status: unknown = JSON.parse(payload.toString("utf8"));
    return typeof status === "object" && status !== null && "state" in status && status.state === "offline";
  } catch {
    return false;
  }
}
