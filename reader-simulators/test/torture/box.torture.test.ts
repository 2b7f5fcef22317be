import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { ChaosSchedule } from "@storeward/contracts";
import { systemClock } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WrongClock } from "../../src/faults/wrong-clock.js";
import { Random } from "../../src/random.js";
import { killDatabase } from "../box/books.js";
import { type Counts, givenOut, type Recorded, union } from "./lives.js";
import { AGENTS, type AgentName, pause, TorturedBox } from "./tortured-box.js";

/** Seeds from 100 on are never used for tuning. */
const SEED = Number(process.env.STOREWARD_TORTURE_SEED ?? "102");
/** Longer: STOREWARD_TORTURE_STORM_S=1800. */
const STORM_MS = Number(process.env.STOREWARD_TORTURE_STORM_S ?? "120") * 1_000;
const HOUR = 3_600_000;

describe("a whole box with a real cloud", () => {
  let tortured: TorturedBox;
  let clone: ChildProcess | undefined;

  beforeAll(async () => {
    tortured = await TorturedBox.create();
    await tortured.start(["--seed", String(SEED), "--pace", "2"]);
    // Each agent has a life to lose before anything is done to it.
    await pause(10_000);
    // It builds everything first.
  }, 300_000);
  afterAll(async () => {
    clone?.kill("SIGKILL");
    await tortured?.remove();
  });

  /** Closes the agents' books, lets what they hold reach the cloud, and compares. */
  async function everythingOnce(agents: readonly AgentName[] = AGENTS): Promise<{ given: Counts; rows: Recorded[] }> {
    expect(await tortured.box.stop()).toBe(0);
    const given = union(...agents.map((agent) => tortured.givenOut(agent)));
    await tortured.start();
    const { wrong, rows } = await tortured.settled(given);
    expect(wrong).toEqual([]);
    return { given, rows };
  }

  it(
    "holds every observation once after a storm on the broker's line, reader outages and kills of every part",
    async () => {
      const random = new Random(SEED);
      const { proxy, box } = tortured;
      const readers = ["reader-storeroom-1", "reader-storeroom-2", "reader-shelf-a", "reader-cabinet-b"];
      const faults: Record<string, () => unknown> = {
        outage: () => tortured.outage(random.pick(readers) ?? "", random.integer(1, 5)),
        "kill -9 of an agent": () => box.kill(`agent ${random.pick(AGENTS)}`),
        "kill -9 of the cloud": () => box.kill("cloud"),
        "kill -9 of the database": () => killDatabase(box),
      };
      const done: Record<string, number> = {};
      proxy.begin(stormOf(SEED));
      for (const end = Date.now() + STORM_MS; Date.now() < end; await pause(random.between(3_000, 9_000))) {
        const name = random.pick(["outage", ...Object.keys(faults)]) ?? "";
        // What is already down cannot be killed.
        await Promise.resolve()
          .then(faults[name])
          .then(
            () => {
              done[name] = (done[name] ?? 0) + 1;
            },
            () => undefined,
          );
      }
      await tortured.healthy();
      const { given } = await everythingOnce();
      const { connections, begun } = proxy.counters;
      console.log(`torture: box, storm of ${STORM_MS / 1_000} s: ${given.size} observations, each in the cloud once`);
      console.log(
        `torture:   ${connections} connections to the broker, ${JSON.stringify(begun)}; ${JSON.stringify(done)}`,
      );
      expect(given.size).toBeGreaterThan(100);
    },
    600_000 + STORM_MS,
  );

  it("is healed by its agents, three times after an older backup of the cloud was restored", async () => {
    for (let time = 1; time <= 3; time++) {
      await tortured.backup("older.gz");
      await pause(6_000);
      if (time > 1) tortured.box.kill("cloud");
      await tortured.box.stop();
      await tortured.restore("older.gz");
      await tortured.start();
      const { given } = await everythingOnce();
      console.log(
        `torture: box, older backup of the cloud restored (${time} of 3): ${given.size} observations, each there once`,
      );
    }
  }, 900_000);

  it("keeps the order, and dates right what is observed while the agents' clocks are wrong and step", async () => {
    expect(await tortured.box.stop()).toBe(0);
    const folder = join(tortured.box.data, "wrong-clock");
    mkdirSync(folder);
    const clock = new WrongClock(folder, "storeward-edge", -3 * HOUR);
    const { NODE_OPTIONS } = tortured.box.env;
    Object.assign(tortured.box.env, clock.env);
    const since = systemClock.mono();
    // They start plausibly wrong, and without a cloud that would tell them.
    tortured.proxy.set([{ kind: "down" }]);
    await tortured.start();
    await pause(4_000);
    tortured.proxy.set([]);
    for (const offset of [2 * HOUR, -HOUR, 40 * 60_000]) {
      await pause(8_000);
      clock.set(offset);
    }
    await pause(6_000);
    tortured.box.kill("agent edge-stores");
    await pause(10_000);
    tortured.box.env.NODE_OPTIONS = NODE_OPTIONS ?? "";
    const until = systemClock.mono();
    const { rows } = await everythingOnce();
    const during = rows.filter(
      ({ agent, body: { at } }) => AGENTS.includes(agent as AgentName) && at.mono > since && at.mono < until,
    );
    const worst = Math.max(...during.map(offBy));
    const before = during.filter(({ dated }) => dated !== "clock").length;
    console.log(
      `torture: box, wrong clocks: ${during.length} rows, ${before} of them from before their boot's clock, at worst ${Math.round(worst)} ms off`,
    );
    expect(during.length).toBeGreaterThan(20);
    expect(before).toBeGreaterThan(0);
    expect(worst).toBeLessThan(1_000);
    expect(during.every(({ dated }) => ["clock", "wall", "clamped"].includes(dated))).toBe(true);
  }, 600_000);

  it("tells of an agent whose card was put back to an older image, and loses nothing of either life", async () => {
    const data = tortured.dataOf("edge-theatre");
    const [image, firstLife] = [join(tortured.box.data, "image"), join(tortured.box.data, "first-life")];
    expect(await tortured.box.stop()).toBe(0);
    cpSync(data, image, { recursive: true });
    await tortured.start();
    await pause(10_000);
    // What the first life has not yet handed over when its card is taken away, nobody has any more: it counts up to here.
    const { given: first } = await everythingOnce(["edge-theatre"]);
    await tortured.box.stop();
    renameSync(data, firstLife);
    renameSync(image, data);
    await tortured.start();
    const told = await tortured.trouble("edge-theatre", /fork/i);
    await pause(10_000);
    expect(await tortured.box.stop()).toBe(0);
    const both = union(first, tortured.givenOut("edge-theatre"));
    await tortured.start();
    const { wrong } = await tortured.settled(both);
    expect(wrong).toEqual([]);
    console.log(`torture: box, card put back: ${both.size} observations of two lives; told as: ${told[0]}`);
  }, 600_000);

  it("tells of a cloned card, and loses nothing of either", async () => {
    const { box } = tortured;
    const data = tortured.dataOf("edge-stores");
    const copy = join(box.data, "clone");
    expect(await box.stop()).toBe(0);
    cpSync(data, copy, { recursive: true });
    await tortured.start();
    const startClone = () => {
      const config = join(box.data, "provisioned", "agents", "edge-stores", "agent.yaml");
      clone = spawn(process.execPath, [join(box.root, "edge-agent/bin/storeward-edge.js"), "--config", config], {
        // The original has the port of the page.
        env: { ...box.env, STOREWARD_EDGE_DATA: copy, STOREWARD_EDGE_STATUS_PORT: "0" },
        stdio: "ignore",
      });
    };
    const endClone = async (signal: NodeJS.Signals) => {
      if (clone === undefined || clone.exitCode !== null || clone.signalCode !== null) return;
      clone.kill(signal);
      await once(clone, "exit");
    };
    startClone();
    const told = await tortured.trouble("edge-stores", /fork/i);
    await pause(10_000);
    await endClone("SIGTERM");
    const ofClone = givenOut("edge-stores", [join(copy, "journal.db")]);
    // It gives away what is left; what it observes meanwhile is another boot's.
    startClone();
    expect(await box.stop()).toBe(0);
    const ofOriginal = tortured.givenOut("edge-stores");
    await tortured.start();
    expect((await tortured.settled(union(ofOriginal, ofClone))).wrong).toEqual([]);
    await endClone("SIGKILL");
    console.log(
      `torture: box, cloned card: ${union(ofOriginal, ofClone).size} observations of both; told as: ${told[0]}`,
    );
  }, 600_000);
});

/** How wrong the date of a row is, ms: the monotonic clock is that of this machine, which all its processes share. */
function offBy({ observedAt, body }: Recorded): number {
  return Math.abs(observedAt - (Date.now() - systemClock.mono() + body.at.mono));
}

function stormOf(seed: number): ChaosSchedule {
  return {
    seed,
    steps: [{ after: 0, for: STORM_MS, toxic: { kind: "slicer", bytes: 1_000 } }],
    weather: {
      lengthMs: STORM_MS,
      onlineMs: [2_000, 8_000],
      offlineMs: [500, 6_000],
      toxics: [
        { kind: "down" },
        { kind: "black-hole" },
        { kind: "reset" },
        { kind: "black-hole", direction: "to-client" },
        { kind: "latency", ms: 300, jitterMs: 500 },
        { kind: "bandwidth", bytesPerSecond: 4_000 },
      ],
    },
  };
}
