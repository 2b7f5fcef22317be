import type { AgentConfig, Reader } from "@storeward/contracts";
import { type Clock, isStorewardError, type Logger, type Part } from "@storeward/runtime";
import { antennasOf } from "./config-check.js";
import type { AntennaRole } from "./readers/driver.js";
import { loadDriver, type ReaderDriver, type ReaderEvent } from "./readers/index.js";

export interface DriversOptions {
  readonly onEvent: (reader: string, event: ReaderEvent) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

type Plan = Pick<AgentConfig, "readers" | "readPoints">;

interface Running {
  readonly driver: ReaderDriver;
  readonly reader: Reader;
  readonly roles: ReadonlyMap<number, AntennaRole>;
  /** What it was made from: another text is another driver. */
  readonly face: string;
}

/** The links to the readers that read points use. Those that a change does not touch go on reading. */
export class Drivers implements Part {
  readonly name = "readers";
  readonly #options: DriversOptions;
  #plan: Plan;
  readonly #running = new Map<string, Running>();

  constructor(plan: Plan, options: DriversOptions) {
    this.#plan = plan;
    this.#options = options;
  }

  /** Every link by its reader. */
  get all(): ReadonlyMap<string, Pick<ReaderDriver, "health">> {
    return new Map([...this.#running].map(([id, { driver }]) => [id, driver]));
  }

  async start(): Promise<void> {
    try {
      await this.#startMissing();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.#end([...this.#running.keys()], undefined);
  }

  /** Ends the links that the other plan does not have, or has otherwise. Then `begin` starts what is missing. */
  async leave(plan: Plan, why: string): Promise<void> {
    const wanted = new Map(linksOf(plan).map((link) => [link.reader.id, link.face]));
    this.#plan = plan;
    await this.#end(
      [...this.#running].flatMap(([id, { face }]) => (wanted.get(id) === face ? [] : [id])),
      why,
    );
  }

  /** Rejects with the first that cannot be started, after trying all. */
  async begin(): Promise<void> {
    await this.#startMissing();
  }

  /** Ends one link and makes it anew. False where there is none. */
  async restart(reader: string, why: string): Promise<boolean> {
    if (!this.#running.has(reader)) return false;
    await this.#end([reader], why);
    await this.#startMissing();
    return true;
  }

  async #startMissing(): Promise<void> {
    const { clock, log, onEvent } = this.#options;
    const failures: unknown[] = [];
    for (const { reader, roles, face } of linksOf(this.#plan)) {
      if (this.#running.has(reader.id)) continue;
      try {
        const create = await loadDriver(reader.driver);
        const told = (event: ReaderEvent): void => onEvent(reader.id, event);
        const driver = create({ reader, roles, clock, log: log.child({ part: reader.id }), onEvent: told });
        await driver.start();
        this.#running.set(reader.id, { driver, reader, roles, face });
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures.find((error) => isStorewardError(error)) ?? failures[0];
  }

  /** `why`: what the antennas are blind for from now on; nothing is said where everything ends. */
  async #end(ids: readonly string[], why: string | undefined): Promise<void> {
    const { clock, log, onEvent } = this.#options;
    await Promise.all(
      ids.map(async (id) => {
        const running = this.#running.get(id);
        if (running === undefined) return;
        this.#running.delete(id);
        await running.driver
          .stop()
          .catch((error: unknown) => log.warn({ err: error, reader: id }, "a reader's link did not end well"));
        if (why === undefined) return;
        const antennas = [...running.roles.keys()];
        onEvent(id, { type: "coverage", antennas, state: "blind", since: clock.mono(), why });
      }),
    );
  }
}

/** What is to be linked to: readers that no read point uses stay off. */
function linksOf({ readers, readPoints }: Plan): Omit<Running, "driver">[] {
  return readers.flatMap((reader) => {
    const roles = rolesOf(reader.id, readPoints);
    return roles.size === 0 ? [] : [{ reader, roles, face: JSON.stringify([reader, [...roles]]) }];
  });
}

/** What each antenna of a reader is for. */
function rolesOf(reader: string, readPoints: AgentConfig["readPoints"]): Map<number, AntennaRole> {
  const roles = new Map<number, AntennaRole>();
  for (const point of readPoints)
    for (const { ref } of antennasOf(point, "")) if (ref.reader === reader) roles.set(ref.antenna, point.role);
  return roles;
}
