import { once } from "node:events";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import type { ChaosSchedule, Toxic } from "@storeward/contracts";
import { type Clock, type Logger, type Part, portTakenError, type Timer } from "@storeward/runtime";
import { randomStream } from "../random.js";
import { E } from "./errors.js";
import type { FlowCounters } from "./flow.js";
import { Link, type Server } from "./link.js";
import { nextChange, type Step, stepsOf, toxicsAt } from "./schedule.js";
import type { Direction } from "./toxics.js";

export interface ChaosProxyOptions {
  /** Port on 127.0.0.1; 0: any that is free, and then always that one. */
  readonly listen: number;
  readonly to: Server;
  /** Begins with the start. */
  readonly schedule?: ChaosSchedule | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ChaosCounters {
  /** Connections that were taken. */
  connections: number;
  open: number;
  /** Taken and closed at once: too many were open. */
  turnedAway: number;
  /** How often each kind of toxic began. */
  readonly begun: Partial<Record<Toxic["kind"], number>>;
  readonly bytes: Readonly<Record<Direction, FlowCounters>>;
}

const MAX_LINKS = 1_000;
const LISTEN_AGAIN_MS = 100;
const LISTEN_TRIES = 50;

/** A TCP proxy on loopback that does to connections what networks do: at once (`set`), and by a schedule. */
export class ChaosProxy implements Part {
  readonly name = "chaos-proxy";
  readonly counters: ChaosCounters = {
    connections: 0,
    open: 0,
    turnedAway: 0,
    begun: {},
    bytes: { "to-server": noBytes(), "to-client": noBytes() },
  };
  readonly #options: ChaosProxyOptions;
  #steps: readonly Step[] = [];
  #random = randomStream(1, "pieces");
  readonly #links = new Set<Link>();
  #port: number;
  #server: NetServer | undefined;
  #listening: Promise<void> | undefined;
  #chosen: readonly Toxic[] = [];
  #active: readonly Toxic[] = [];
  #startedAt = 0;
  #timer: Timer | undefined;
  #listenTimer: Timer | undefined;
  #stopped = true;
  /** What is waited for in what clients send. */
  #awaited: { readonly bytes: Buffer; seen(): void } | undefined;

  constructor(options: ChaosProxyOptions) {
    this.#options = options;
    this.#port = options.listen;
  }

  get port(): number {
    return this.#port;
  }

  /** What is on now. */
  get toxics(): readonly Toxic[] {
    return this.#active;
  }

  /** Errors: PORT_TAKEN. */
  async start(): Promise<void> {
    this.#stopped = false;
    await this.#listen();
    if (this.#options.schedule !== undefined) this.begin(this.#options.schedule);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.stop();
    this.#listenTimer?.stop();
    await this.#listening?.catch(() => undefined);
    for (const link of this.#links) link.close();
    await this.#refuse();
  }

  /** Follows this schedule from now on, instead of the one before. */
  begin(schedule: ChaosSchedule): void {
    this.#timer?.stop();
    this.#steps = stepsOf(schedule);
    this.#random = randomStream(schedule.seed, "pieces");
    this.#startedAt = this.#options.clock.mono();
    this.#step();
  }

  /** Beside what the schedule says, these are on from now. */
  set(toxics: readonly Toxic[]): void {
    this.#chosen = toxics;
    this.#apply();
  }

  /** The connections that are open now are dumb for good, as behind a firewall that has forgotten them. New ones are not. */
  forget(): void {
    for (const link of this.#links) link.forget();
  }

  /** The same of the next connection whose client sends this, right after the server was sent it. Resolves then. */
  forgetAfter(text: string): Promise<void> {
    return new Promise((seen) => {
      this.#awaited = { bytes: Buffer.from(text), seen };
    });
  }

  #sent(chunk: Buffer, link: Link): void {
    if (this.#awaited === undefined || !chunk.includes(this.#awaited.bytes)) return;
    link.forget();
    this.#awaited.seen();
    this.#awaited = undefined;
  }

  #step(): void {
    const { clock } = this.#options;
    this.#apply();
    const now = clock.mono() - this.#startedAt;
    const next = nextChange(this.#steps, now);
    if (next !== undefined) this.#timer = clock.after(Math.max(1, next - now), () => this.#step());
  }

  #apply(): void {
    if (this.#stopped) return;
    const before = this.#active;
    const elapsed = this.#options.clock.mono() - this.#startedAt;
    this.#active = [...toxicsAt(this.#steps, elapsed), ...this.#chosen];
    const begun = this.#active.filter((toxic) => !before.includes(toxic));
    if (begun.length === 0 && before.length === this.#active.length) return;
    for (const { kind } of begun) this.counters.begun[kind] = (this.counters.begun[kind] ?? 0) + 1;
    this.#options.log.info({ toxics: this.#active }, this.#active.length === 0 ? "online" : "disturbed");
    const isDown = this.#isOn("down");
    for (const link of this.#links) {
      if (isDown) link.close();
      else if (this.#isOn("reset")) link.reset();
      else link.changed();
    }
    if (isDown) void this.#refuse();
    else this.#takeAgain(LISTEN_TRIES);
  }

  #isOn(kind: Toxic["kind"]): boolean {
    return this.#active.some((toxic) => toxic.kind === kind);
  }

  async #listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#take(socket));
    server.listen(this.#port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch (error) {
      throw portTakenError(error, { port: this.#port, option: "--listen" });
    }
    const address = server.address();
    this.#port = typeof address === "object" && address !== null ? address.port : this.#port;
    this.#server = server;
    if (this.#stopped || this.#isOn("down")) await this.#refuse();
  }

  async #refuse(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server?.listening === true) await new Promise<void>((closed) => server.close(() => closed()));
  }

  /** The port may be in other hands for a moment: a client's own end of a connection can have got it. */
  #takeAgain(tries: number): void {
    if (this.#server !== undefined || this.#listening !== undefined || this.#stopped || this.#isOn("down")) return;
    this.#listening = this.#listen();
    this.#listening.then(
      () => {
        this.#listening = undefined;
        // It may have gone down and up again meanwhile.
        this.#takeAgain(tries);
      },
      (cause: unknown) => {
        this.#listening = undefined;
        const { clock } = this.#options;
        if (tries > 0) this.#listenTimer = clock.after(LISTEN_AGAIN_MS, () => this.#takeAgain(tries - 1));
        else this.#options.log.error({ err: E.PROXY_PORT_LOST({ port: this.#port }, { cause }) }, "cannot come back");
      },
    );
  }

  #take(client: Socket): void {
    const { to, clock } = this.#options;
    if (this.#links.size >= MAX_LINKS) {
      this.counters.turnedAway++;
      client.destroy();
      return;
    }
    this.counters.connections++;
    if (this.#isOn("reset")) {
      client.resetAndDestroy();
      return;
    }
    const link: Link = new Link({
      client,
      to,
      toxics: () => this.#active,
      random: this.#random,
      counters: this.counters.bytes,
      clock,
      onSent: (chunk, from) => this.#sent(chunk, from),
      onClosed: () => {
        this.#links.delete(link);
        this.counters.open = this.#links.size;
      },
    });
    this.#links.add(link);
    this.counters.open = this.#links.size;
  }
}

function noBytes(): FlowCounters {
  return { received: 0, delivered: 0, swallowed: 0, heldPeak: 0 };
}
