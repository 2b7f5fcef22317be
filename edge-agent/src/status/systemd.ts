import { execFile } from "node:child_process";
import type { Clock, Logger, Part, Timer } from "@storeward/runtime";

export interface SystemdOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Why the device does nothing though its process runs; undefined while it works. */
  readonly stuck: () => string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const COMMAND = "systemd-notify";
/** For one message: systemd answers at once, or never. */
const LIMIT_MS = 5_000;

/**
 * Tells systemd that the agent is ready, works, and stops (sd_notify(3)): `Type=notify` and `WatchdogSec=` of its unit. Node knows no
 * datagram sockets of Unix, and a native module for three words is one more that can break; so `systemd-notify` says them, one short
 * process every half of the watchdog's time. Without NOTIFY_SOCKET it does nothing.
 */
export class Systemd implements Part {
  readonly name = "systemd";
  readonly #options: SystemdOptions;
  #timer: Timer | undefined;
  #beating = false;
  #wasStuck = false;

  constructor(options: SystemdOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { env, clock } = this.#options;
    if (!this.#listens) return;
    await this.#say("READY=1", "STATUS=Reading");
    const watchdogMs = Number(env.WATCHDOG_USEC) / 1_000;
    // WATCHDOG_PID names another process where a wrapper is watched instead of us.
    const ours = env.WATCHDOG_PID === undefined || Number(env.WATCHDOG_PID) === process.pid;
    if (watchdogMs > 0 && ours) this.#timer = clock.every(watchdogMs / 2, () => void this.#beat());
  }

  async stop(): Promise<void> {
    this.#timer?.stop();
    if (this.#listens) await this.#say("STOPPING=1");
  }

  get #listens(): boolean {
    return (this.#options.env.NOTIFY_SOCKET ?? "") !== "";
  }

  /** No beat while the device does nothing: systemd then starts it again. A loop that hangs comes not even here. */
  async #beat(): Promise<void> {
    const { stuck, log } = this.#options;
    const why = stuck();
    if (why !== undefined) {
      if (!this.#wasStuck) log.error({ why }, "the watchdog is not fed: systemd will start the agent again");
      this.#wasStuck = true;
      return;
    }
    this.#wasStuck = false;
    if (this.#beating) return;
    this.#beating = true;
    await this.#say("WATCHDOG=1");
    this.#beating = false;
  }

  #say(...assignments: readonly string[]): Promise<void> {
    const { env, log } = this.#options;
    return new Promise((resolve) => {
      execFile(COMMAND, [...assignments], { env, timeout: LIMIT_MS }, (error) => {
        if (error !== null) log.warn({ err: error, assignments }, "systemd was not told");
        resolve();
      });
    });
  }
}
