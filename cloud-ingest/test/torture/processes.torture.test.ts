import { PARTITIONS } from "@storeward/contracts";
import { describe, expect, it } from "vitest";
import { Fleet } from "../fleet.js";
import { hasServers } from "../servers.js";

const NAMES = ["one", "two", "three"] as const;
const ROUNDS = Number(process.env.STOREWARD_TORTURE_ROUNDS ?? 4);
const REPLACED_MS = 10_000;
/** Longer than a lease, and than a heartbeat more. */
const STOPPED_MS = 8_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const seconds = (all: readonly number[]) =>
  `${(Math.min(...all) / 1_000).toFixed(1)} to ${(Math.max(...all) / 1_000).toFixed(1)} s`;

describe.skipIf(!hasServers)(
  "three processes on one PostgreSQL and one Mosquitto (skipped where these are not installed)",
  () => {
    it("lose nothing and double nothing while each is killed, stopped for a while, and ended, and the broker is killed", async () => {
      const fleet = await Fleet.make(48);
      const killed: number[] = [];
      const waited: number[] = [];
      const ended: number[] = [];
      const heard: number[] = [];
      const fair = () =>
        fleet.until(async () => {
          const shares = Object.values(await fleet.shares());
          const sum = shares.reduce((a, b) => a + b, 0);
          return shares.length === 3 && sum === PARTITIONS && Math.max(...shares) - Math.min(...shares) <= 1;
        });
      const without = (name: string) =>
        fleet.until(async () => {
          const shares = await fleet.shares();
          return shares[name] === undefined && Object.values(shares).reduce((a, b) => a + b, 0) === PARTITIONS;
        });
      try {
        for (const name of NAMES) await fleet.start(name);
        await fleet.observe();
        await fair();
        for (let round = 0; round < ROUNDS; round++) {
          const victim = NAMES[round % NAMES.length] ?? "one";
          const other = NAMES[(round + 1) % NAMES.length] ?? "two";

          await fleet.end(victim, "SIGKILL");
          const [taken, committed] = await Promise.all([without(victim), fleet.caughtUp()]);
          killed.push(taken);
          waited.push(committed);
          await fleet.start(victim);
          await fair();

          // It believes that it holds its share, and goes on with what it has in hand, while the others have it.
          fleet.signal(other, "SIGSTOP");
          await pause(STOPPED_MS);
          fleet.signal(other, "SIGCONT");
          await fair();
          await fleet.caughtUp();

          await fleet.end(victim, "SIGTERM");
          ended.push(await without(victim));
          await fleet.start(victim);
          await fair();

          await fleet.broker.kill();
          await pause(1_000);
          await fleet.broker.start();
          heard.push(await fleet.caughtUp());
        }
        await fleet.rest();
        expect(await fleet.faults()).toEqual([]);
        console.log(`torture: three processes, ${ROUNDS} rounds: ${await fleet.count()} observations, each there once`);
        console.log(`torture:   after a SIGKILL others had its partitions in ${seconds(killed)}, and all that had`);
        console.log(`torture:   waited was committed in ${seconds(waited)}; after a SIGTERM in ${seconds(ended)}`);
        console.log(
          `torture:   after a broker that was killed was there again, all that had waited in ${seconds(heard)}`,
        );
        expect(Math.max(...killed, ...waited)).toBeLessThan(REPLACED_MS);
        expect(Math.max(...ended)).toBeLessThan(REPLACED_MS / 2);
      } finally {
        await fleet.remove();
      }
    });
  },
);
