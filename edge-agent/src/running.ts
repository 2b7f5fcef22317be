import type { Command, CommandAnswer } from "@storeward/contracts";
import type { Clock, Logger } from "@storeward/runtime";
import { endOf, sameForFilter } from "./change-of-plan.js";
import { Drivers } from "./drivers.js";
import { createFilter } from "./filtering/index.js";
import type { EdgeJournal } from "./journal/journal.js";
import { type MakeFilter, Recorder } from "./recorder.js";
import type { EffectiveConfig } from "./remote/effective-config.js";
import { E } from "./remote/errors.js";
import type { LogRing } from "./remote/log-ring.js";

export interface RunningOptions {
  readonly begin: EffectiveConfig;
  readonly journal: EdgeJournal;
  readonly clock: Clock;
  readonly log: Logger;
  /** From this row on the configuration holds. */
  readonly onHeld: (effective: EffectiveConfig) => void;
  /** Rows are on disk. */
  readonly onKept: () => void;
}

/** What depends on the configuration and can be changed while the device runs: the recorder with its filter, and the readers' links. */
export class Running {
  readonly recorder: Recorder;
  readonly drivers: Drivers;
  readonly #options: RunningOptions;
  #held: EffectiveConfig;

  constructor(options: RunningOptions) {
    const { begin, journal, clock, log, onKept } = options;
    this.#options = options;
    this.#held = begin;
    this.recorder = new Recorder({
      journal,
      makeFilter: this.#filterOf(begin),
      clock,
      log: log.child({ part: "recorder" }),
      onKept,
    });
    this.drivers = new Drivers(begin.config, {
      onEvent: (reader, event) => this.recorder.handle(reader, event),
      clock,
      log,
    });
    this.#journalConfiguration(begin);
  }

  /** Which readers are linked to, and how they are. */
  readers(): ReadonlyMap<string, { readonly watching: boolean; readonly error?: string | undefined }> {
    return new Map(
      [...this.drivers.all].map(([id, driver]) => {
        const { state, error } = driver.health();
        return [id, { watching: state === "watching", error }];
      }),
    );
  }

  /** Goes over to another configuration; what it does not touch goes on. Rejects when a reader's link cannot be started. */
  async apply(next: EffectiveConfig): Promise<void> {
    const { clock } = this.#options;
    const before = this.#held.config;
    const why = `configuration ${next.config.version}`;
    await this.drivers.leave(next.config, why);
    const hold = (): void => {
      this.#held = next;
      this.#options.onHeld(next);
      this.#journalConfiguration(next);
    };
    if (sameForFilter(before, next.config)) hold();
    else {
      const last = endOf(before.readPoints, next.config.readPoints, clock.mono(), why);
      await this.recorder.change(this.#filterOf(next), { last, why, between: hold });
    }
    await this.drivers.begin();
  }

  /** Does what the cloud asks for. Errors: COMMAND_…. */
  async perform(command: Command, logs: LogRing): Promise<Omit<CommandAnswer, "id" | "ok">> {
    switch (command.do) {
      case "restart-driver": {
        const { reader } = command;
        const known = [...this.drivers.all.keys()].join(", ");
        if (!(await this.drivers.restart(reader, "restarted on demand"))) throw E.COMMAND_NO_READER({ reader, known });
        return { text: `The link to ${reader} was made anew` };
      }
      case "inventory": {
        const { readPoint } = command;
        const { readPoints } = this.#held.config;
        if (readPoint !== undefined && !readPoints.some(({ id }) => id === readPoint))
          throw E.COMMAND_NO_READ_POINT({ readPoint });
        const taken = this.recorder.takeInventory(readPoint, "asked for");
        if (taken.length === 0) throw E.COMMAND_BLIND({ what: readPoint ?? "this device" });
        return { text: `An inventory is taken of ${taken.join(", ")}`.slice(0, 500) };
      }
      case "send-logs": {
        const lines = logs.last(command.lines);
        return { text: `${lines.length} lines`, lines };
      }
    }
  }

  #filterOf({ config: { readers, readPoints, epcFilter } }: EffectiveConfig): MakeFilter {
    const { clock, journal } = this.#options;
    return (stored, lastAlive, why) =>
      createFilter({ readers, readPoints, epcFilter, clock, stored, lastAlive, why, boot: journal.boot });
  }

  /** A row when this is another configuration than the last one journaled. */
  #journalConfiguration({ config: { version }, hash }: EffectiveConfig): void {
    const { journal } = this.#options;
    const value = JSON.stringify({ version, hash });
    if (journal.note("configured") === value) return;
    this.recorder.record({ type: "configured", version, hash }, { key: "configured", value });
  }
}
