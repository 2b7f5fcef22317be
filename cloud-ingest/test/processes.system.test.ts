import { PARTITIONS } from "@storeward/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fleet } from "./fleet.js";
import { hasServers } from "./servers.js";

const HALF = PARTITIONS / 2;

describe.skipIf(!hasServers)(
  "two processes on one PostgreSQL and one Mosquitto (skipped where these are not installed)",
  () => {
    let fleet: Fleet;
    beforeAll(async () => {
      fleet = await Fleet.make(24);
      await fleet.start("one");
      await fleet.observe();
    });
    afterAll(() => fleet.remove());

    const shared = (shares: Record<string, number>) =>
      fleet.until(async () => JSON.stringify(await fleet.shares()) === JSON.stringify(shares));

    it("share the partitions, and each answers for all", async () => {
      await fleet.start("two");
      await fleet.until(async () => {
        const { one, two } = await fleet.shares();
        return one === HALF && two === HALF;
      });
      await fleet.caughtUp();
      for (const name of ["one", "two"]) {
        await fleet.until(async () => {
          const { gateways } = await fleet.get<{ gateways: { state: string }[] }>(name, "/gateways");
          return gateways.length === 24 && gateways.every(({ state }) => state === "online");
        });
        const { processes } = await fleet.get<{ processes: { self: boolean; partitions: number[] }[] }>(
          name,
          "/processes",
        );
        expect(processes.map(({ partitions }) => partitions.length)).toEqual([HALF, HALF]);
        expect(processes.map(({ self }) => self)).toEqual([name === "one", name === "two"]);
      }
    });

    it("lose nothing and double nothing when one is killed: the other takes its share, and it has one again when it comes back", async () => {
      await fleet.end("one", "SIGKILL");
      // How soon is for a machine that does nothing else: processes.torture.test.ts.
      await fleet.until(async () => (await fleet.shares()).two === PARTITIONS);
      await fleet.caughtUp();
      await fleet.start("one");
      await fleet.until(async () => (await fleet.shares()).one === HALF);
      await fleet.caughtUp();
    });

    it("hand over at once when one is stopped", async () => {
      await fleet.end("two", "SIGTERM");
      await shared({ one: PARTITIONS });
      await fleet.caughtUp();
    });

    it("have every row of every agent once and in order in the end, and every follower has seen it", async () => {
      await fleet.rest();
      expect(await fleet.faults()).toEqual([]);
      expect(await fleet.count()).toBeGreaterThan(24 * 10);
    });
  },
);
