import { PARTITIONS } from "@storeward/contracts";
import type { Clock, Lifecycle, Logger } from "@storeward/runtime";
import { FOLLOWERS } from "./archive/index.js";
import type { Database } from "./database/index.js";
import { Abreast, type Follower, FollowerRunner, GiveWay, type LogRow } from "./journal/index.js";
import type { Retention } from "./retention.js";

export interface FollowingDeps {
  readonly db: Database;
  /** Each runner is a part of its own, in the order in which they are asked for. */
  readonly parts: Pick<Lifecycle, "add">;
  readonly retention: Pick<Retention, "register">;
  /** Whether this process works on a partition of agents. */
  readonly holds: (partition: number) => boolean;
  /** Whether there is so much to take in that followers which do not keep up give way to it. */
  readonly isBusy: () => boolean;
  readonly log: Logger;
  readonly clock: Clock;
}

/** What runs a follower, whatever its rows are. */
type Runner = Pick<FollowerRunner<never>, "name" | "follower" | "lag" | "retryParked">;

/** So many rows wait for one that followers no longer keep up with what is live, and give way themselves. */
const KEEPS_UP_ROWS = 4_000;
/** Followers of one log stay as near to each other: what one reads is remembered for the others. */
const AHEAD_ROWS = 8_000;

/** The followers of this process: what runs them, and how far behind they are. */
export class Following {
  readonly #deps: FollowingDeps;
  readonly #abreast: Abreast;
  readonly #way: GiveWay;
  readonly #runners: Runner[] = [];

  constructor(deps: FollowingDeps) {
    const { clock, isBusy } = deps;
    this.#deps = deps;
    this.#abreast = new Abreast({ clock, most: AHEAD_ROWS });
    // While they keep up, what they have to do is little, and somebody is looking at it.
    this.#way = new GiveWay({ clock, isBusy: () => isBusy() && this.lag() > KEEPS_UP_ROWS });
  }

  /** Those that are asked for later are there too. */
  get runners(): readonly Runner[] {
    return this.#runners;
  }

  /** Rows before the one that is furthest behind. */
  lag(): number {
    return Math.max(0, ...this.#runners.map((runner) => runner.lag()));
  }

  /**
   * Adds what runs this follower in the partitions of this process.
   * @param gatherMs from one round to the next while it keeps up; 0: at once
   */
  follow<Row extends LogRow<unknown>>(follower: Follower<Row>, gatherMs = 0): void {
    const { db, parts, retention, holds, log, clock } = this.#deps;
    const [abreast, way] = [this.#abreast, this.#way];
    if (!FOLLOWERS[follower.log.name]?.includes(follower.name))
      throw new RangeError(
        `${follower.name} is no listed follower of ${follower.log.name}: days could be dropped before it has read them`,
      );
    // Of a log with fewer partitions each goes with one of the agents'.
    const each = PARTITIONS / follower.log.partitions.length;
    const runs = (partition: number): boolean => holds(partition * each);
    const runner = parts.add(new FollowerRunner(db, follower, { log, clock, runs, way, gatherMs, abreast }));
    retention.register(follower);
    this.#runners.push(runner);
  }
}
