import { createLogger, ManualClock, type Part } from "@storeward/runtime";
import { expect, it } from "vitest";
import { PooledDatabase } from "./database/pool.js";
import { Following } from "./following.js";
import { Journal } from "./journal/index.js";

it("a follower is run only where it is listed, so that no day of its log is dropped before it has read it", () => {
  const clock = new ManualClock();
  const parts: Part[] = [];
  const kept: string[] = [];
  const following = new Following({
    db: new PooledDatabase({ url: "postgres://127.0.0.1:9/nowhere" }),
    parts: {
      add: (part) => {
        parts.push(part);
        return part;
      },
    },
    retention: { register: ({ name }) => void kept.push(name) },
    holds: () => true,
    isBusy: () => false,
    log: createLogger("test", { level: "silent" }),
    clock,
  });
  const follower = (name: string) => ({ name, log: new Journal({ clock }), handle: async () => undefined });
  expect(() => following.follow(follower("stranger"))).toThrow("stranger is no listed follower of journal");
  following.follow(follower("coverage"));
  following.follow(follower("series"), 250);
  expect(parts.map(({ name }) => name)).toEqual(["follower coverage", "follower series"]);
  expect(following.runners).toEqual(parts);
  expect(kept).toEqual(["coverage", "series"]);
  expect(following.lag()).toBe(0);
});
