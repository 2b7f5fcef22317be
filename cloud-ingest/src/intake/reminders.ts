import { AgentStatus } from "@storeward/contracts";
import { type Clock, type Timer, validator } from "@storeward/runtime";

export interface RemindersOptions {
  readonly clock: Clock;
  /** Session by agent, of those that were not heard meanwhile. */
  readonly remind: (sessions: ReadonlyMap<string, string>) => Promise<void>;
}

/** Whoever is sending anyway is answered by then, and needs no reminder. */
const WAIT_MS = 500;
/** More are not reminded: they send again by themselves. */
const MAX_AGENTS = 10_000;

const isStatus = validator(AgentStatus);

/** Agents that may be waiting for an answer to what nobody heard. */
export class Reminders {
  readonly #options: RemindersOptions;
  readonly #sessions = new Map<string, string>();
  #timer: Timer | undefined;

  constructor(options: RemindersOptions) {
    this.#options = options;
  }

  /** The agent is to be reminded, where this `status` says that it is connected. */
  add(agent: string, status: Buffer): void {
    const session = sessionOf(status);
    if (session === undefined || this.#sessions.size >= MAX_AGENTS) return;
    this.#sessions.set(agent, session);
    this.#timer ??= this.#options.clock.after(WAIT_MS, () => {
      this.#timer = undefined;
      const sessions = new Map(this.#sessions);
      this.#sessions.clear();
      if (sessions.size > 0) void this.#options.remind(sessions);
    });
  }

  heard(agent: string): void {
    this.#sessions.delete(agent);
  }

  stop(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    this.#sessions.clear();
  }
}

/** Of an agent that is connected. */
function sessionOf(payload: Buffer): string | undefined {
  try {
    const status = isStatus(JSON.parse(payload.toString("utf8")));
    return status.ok && status.value.state === "online" ? status.value.session : undefined;
  } catch {
    return undefined;
  }
}
