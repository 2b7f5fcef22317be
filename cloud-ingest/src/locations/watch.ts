import { type Clock, systemClock } from "@storeward/runtime";
import type { Sql } from "../database/index.js";
import type { PlaceDirectory } from "../places/index.js";
import { watchersOf } from "./confidence.js";
import type { AskedWatch, Blindness, PlaceWatch } from "./types.js";

export interface WatchDeps {
  readonly directory: PlaceDirectory;
  readonly blindness: Blindness;
  readonly clock?: Clock;
}

export class Watch implements PlaceWatch {
  readonly #deps: WatchDeps;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  async watchedSeconds(sql: Sql, asked: readonly AskedWatch[]): Promise<(number | undefined)[]> {
    const { directory, blindness, clock = systemClock } = this.#deps;
    const now = clock.wall();
    const watchers = watchersOf(directory);
    const questions = asked.flatMap(({ place, after, withinSeconds }, index) =>
      (watchers.get(directory.observableOf(place)) ?? []).map((readPoint) => ({
        index,
        readPoint,
        after,
        lately: new Date(now - withinSeconds * 1000),
      })),
    );
    const [since, lately] = await Promise.all([
      blindness.blindSeconds(sql, questions),
      blindness.blindSeconds(
        sql,
        questions.map(({ readPoint, lately: after }) => ({ readPoint, after })),
      ),
    ]);
    const watched: (number | undefined)[] = asked.map(() => undefined);
    const isBlind = new Set<number>();
    for (const [n, { index, after }] of questions.entries()) {
      const seconds = Math.max(0, (now - after.getTime()) / 1000 - (since[n] ?? 0));
      watched[index] = Math.min(watched[index] ?? seconds, seconds);
      if ((lately[n] ?? 0) > 0) isBlind.add(index);
    }
    return watched.map((seconds, index) => (isBlind.has(index) ? undefined : seconds));
  }
}
