import { AgentStatus } from "@storeward/contracts";
import { type Clock, type Timer, validator } from "@storeward/runtime";

export interface RemindersOptions {
  readonly clock: Clock;
  /** Session by agent, of those that were not heard meanwhile. Where it fails it is done again. */
  readonly remind: (sessions: ReadonlyMap<string, string>) => Promise<void>;
  /** How long whoever is sending anyway has until then; default 500 ms. */
  readonly waitMs?: number;
}

const WAIT_MS = 500;
/** More are not reminded: they send again by themselves. */
const MAX_AGENTS = 10_000;

const isStatus = validator(AgentStatus);

/** Agents that may be waiting for an answer to what nobody heard. */
export class Reminders {
  readonly #options: RemindersOptions;
  readonly #sessions = new Map<string, string>();
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: RemindersOptions) {
    this.#options = options;
  }

  /** The agent is to be reminded, where this `status` says that it is connected. */
  add(agent: string, status: Buffer): void {
    const session = sessionOf(status);
    if (session !== undefined) this.addSession(agent, session);
  }

  /** The agent, which is connected in this session, is to be reminded. */
  addSession(agent: string, session: string): void {
    if (this.#sessions.size >= MAX_AGENTS) return;
    this.#sessions.set(agent, session);
    this.#stopped = false;
    this.#wait();
  }

  heard(agent: string): void {
    this.#sessions.delete(agent);
  }

  #wait(): void {
    this.#timer ??= this.#options.clock.after(this.#options.waitMs ?? WAIT_MS, () => {
      this.#timer = undefined;
      const sessions = new Map(this.#sessions);
      this.#sessions.clear();
      if (sessions.size > 0) this.#options.remind(sessions).catch(() => this.#again(sessions));
    });
  }

  /** A database that has been away is back at about the time at which agents are heard again: they would wait for up to a minute. */
  #again(sessions: ReadonlyMap<string, string>): void {
    if (this.#stopped) return;
    for (const [agent, session] of sessions)
      if (!this.#sessions.has(agent) && this.#sessions.size < MAX_AGENTS) this.#sessions.set(agent, session);
    this.#wait();
  }

  stop(): void {
    this.#stopped = true;
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
