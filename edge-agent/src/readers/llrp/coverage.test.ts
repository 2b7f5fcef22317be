import { connect, createServer, type Socket } from "node:net";
import { ManualClock, systemClock } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import { open, reader, rig, until } from "../../../test/llrp/rig.js";
import { simulated } from "../../../test/llrp/simulated-reader.js";

const exception = (Message: string, antenna?: number) => ({
  ReaderExceptionEvent: { Message, ...(antenna === undefined ? {} : { AntennaID: { AntennaID: antenna } }) },
});
const times = (asked: readonly string[], name: string) => asked.filter((one) => one === name).length;

/** A way to a port whose connections can be frozen: they stay open, and nothing passes any more. New ones work. */
async function freezable(to: number): Promise<{ port: number; freeze(): void }> {
  const pairs = new Set<[Socket, Socket]>();
  const server = createServer((near) => {
    const far = connect(to, "127.0.0.1");
    pairs.add([near, far]);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on("data", (chunk) => other.write(chunk));
      one.on("error", () => undefined);
      one.on("close", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({
    stop: async () => {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  const freeze = () => {
    for (const pair of pairs)
      for (const socket of pair) {
        socket.removeAllListeners("data").removeAllListeners("close");
        socket.pause();
      }
  };
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, freeze };
}

describe("what a reader says is wrong", () => {
  it("makes the antenna that an exception names doubtful, or all of them, until nothing is wrong any more", async () => {
    const { fake, port } = await reader();
    const clock = new ManualClock();
    const { driver, coverage, events } = rig(port, { 1: "portal", 2: "portal" }, clock);
    await driver.start();
    await until(() => times(fake.asked, "ENABLE_EVENTS_AND_REPORTS") === 1, "watching");
    fake.event(exception("port 2 reflects", 2));
    await until(() => coverage().length === 2, "one antenna");
    fake.event(exception("too hot"));
    await until(() => coverage().length === 3, "both");
    expect(events.at(-1)).toMatchObject({ why: "reader exception: too hot" });
    await clock.advance(9_000);
    fake.event(exception("too hot still"));
    await until(() => driver.health().counters.readerExceptions === 3, "a third");
    // The reader goes on speaking, so that its silence is not what is seen here.
    fake.send({ type: "KEEPALIVE", id: 1 });
    const { acks } = fake;
    await until(() => fake.acks > acks, "an answer");
    await clock.advance(9_000);
    expect(coverage()).toHaveLength(3);
    await clock.advance(1_000);
    expect(coverage()).toEqual(["watching 1,2", "doubtful 2", "doubtful 1", "watching 1,2"]);
  });

  it("is believed to be over once the antenna reads again, or a cycle ends, though not while it complains", async () => {
    for (const proof of ["read", "cycle"] as const) {
      const { fake, port } = await reader();
      const clock = new ManualClock();
      fake.now = () => clock.mono();
      fake.bootedAt = -5_000;
      const { driver, coverage, events } = rig(port, { 1: "shelf", 2: "shelf" }, clock);
      await driver.start();
      await until(() => times(fake.asked, "ENABLE_EVENTS_AND_REPORTS") === 1, "watching");
      fake.event(exception("port 1 reflects", 1));
      await clock.advance(1_000);
      fake.report(fake.tag(1));
      fake.cycle();
      await until(() => events.some(({ type }) => type === "round"), "a round");
      expect(coverage()).toEqual(["watching 1,2", "doubtful 1"]);
      // An antenna in doubt had no full chance to read.
      expect(events.find(({ type }) => type === "round")).toMatchObject({ antennas: [2] });
      await clock.advance(2_000);
      if (proof === "read") fake.report(fake.tag(1));
      else fake.cycle();
      await until(() => coverage().at(-1) === "watching 1", `watching again by a ${proof}`);
      await driver.stop();
    }
  });

  it("shows with a simulated reader, whose clock is not ours", async () => {
    const device = await simulated({ flavour: { utc: false } });
    const { driver, coverage } = rig(device.address.port ?? 0, { 1: "shelf", 2: "shelf" }, undefined, 20);
    await driver.start();
    await until(() => coverage().length === 1, "watching");
    device.exception("antenna 2 reflects", 2);
    // Its antennas go on reading: neither is so for long.
    await until(() => coverage().includes("doubtful 2"), "doubtful");
    await until(() => coverage().includes("watching 2"), "watching");
    device.antennaChanged(1, false);
    await until(() => coverage().includes("blind 1"), "blind");
  });
});

describe("the time without a connection", () => {
  it("is not vouched for at an antenna that was pulled meanwhile, and is at the others", async () => {
    const { fake, port } = await reader();
    const { driver, events, coverage } = rig(port, { 1: "portal", 2: "portal" });
    await driver.start();
    await until(() => times(fake.asked, "ENABLE_EVENTS_AND_REPORTS") === 1, "watching");
    fake.socket?.destroy();
    await until(() => coverage().length === 2, "blind");
    const pulledAt = systemClock.mono() + 20;
    await until(() => times(fake.asked, "ENABLE_EVENTS_AND_REPORTS") === 2, "connected again");
    // Pulled and put in again while nobody was connected.
    fake.event({ AntennaEvent: { EventType: 0, AntennaID: 2 } }, pulledAt);
    fake.event({ AntennaEvent: { EventType: 1, AntennaID: 2 } }, pulledAt + 10);
    fake.report(fake.tag(1, -60, pulledAt + 20, 5));
    await until(() => coverage().length === 4, "watching");
    const [blind, first, second] = events.filter(({ type }) => type === "coverage").slice(1);
    if (blind?.type !== "coverage" || first?.type !== "coverage" || second?.type !== "coverage")
      throw new Error("none");
    expect(first).toMatchObject({ antennas: [1], since: blind.since });
    expect(second.antennas).toEqual([2]);
    expect(second.since).toBeGreaterThan(blind.since + 100);
  });

  it("is vouched for only after everything that was held has come, though events of the present overtake it", async () => {
    const { fake, port } = await reader();
    const { driver, events, coverage } = rig(port, { 1: "portal" });
    await driver.start();
    await until(() => times(fake.asked, "ENABLE_EVENTS_AND_REPORTS") === 1, "watching");
    fake.socket?.destroy();
    await until(() => coverage().length === 2, "blind");
    const readAt = systemClock.mono() + 20;
    await until(() => times(fake.asked, "ENABLE_EVENTS_AND_REPORTS") === 2, "connected again");
    fake.event({ GPIEvent: { GPIPortNumber: 1, GPIEvent: true } });
    fake.report(fake.tag(1, -60, readAt, 5));
    fake.report(fake.tag(1, -60, readAt + 5, 6));
    await until(() => coverage().length === 3, "watching");
    const types = events.slice(2).map((event) => (event.type === "reads" && event.held ? "held" : event.type));
    expect(types.filter((type) => type !== "round").join()).toMatch(/^input,(held,)+coverage$/);
  });

  it("stays blind after another program's ROSpec ran, or where the reader holds nothing", async () => {
    const { fake, port } = await reader();
    const { driver, events, coverage } = rig(port, { 1: "portal" });
    await driver.start();
    await until(() => times(fake.asked, "ENABLE_EVENTS_AND_REPORTS") === 1, "watching");
    fake.socket?.destroy();
    await until(() => coverage().length === 2, "blind");
    const preempted = systemClock.mono() + 20;
    await until(() => times(fake.asked, "ENABLE_EVENTS_AND_REPORTS") === 2, "connected again");
    fake.event({ ROSpecEvent: { EventType: 2, ROSpecID: 1, PreemptingROSpecID: 2 } }, preempted);
    await until(() => coverage().length === 3, "watching");
    const [blind, watching] = events.filter(({ type }) => type === "coverage").slice(1);
    if (blind?.type !== "coverage" || watching?.type !== "coverage") throw new Error("none");
    expect(watching.since).toBeGreaterThan(blind.since + 100);

    const device = await simulated({ flavour: { hold: false } });
    const other = rig(device.address.port ?? 0, { 1: "portal" }, undefined, 20);
    await other.driver.start();
    await until(() => other.reads().length > 0, "reads");
    device.cut(true);
    await until(() => other.coverage().at(-1) === "blind 1", "blind");
    device.cut(false);
    await until(() => other.coverage().at(-1) === "watching 1", "watching");
    expect(other.events.some((event) => event.type === "reads" && event.held)).toBe(false);
    const [dark, light] = other.events.filter(({ type }) => type === "coverage").slice(1);
    if (dark?.type !== "coverage" || light?.type !== "coverage") throw new Error("none");
    expect(light.since).toBeGreaterThan(dark.since + 100);
  });

  it("ends a restart of the reader with an ROSpec of ours again, and is blind", async () => {
    const device = await simulated();
    const { driver, events, coverage, reads } = rig(device.address.port ?? 0, { 1: "shelf" }, undefined, 20);
    await driver.start();
    await until(() => reads().length > 0, "reads");
    device.reboot();
    await until(() => coverage().length === 3, "watching again");
    expect(driver.health().counters).toMatchObject({ provisioned: 2, disconnects: 1 });
    expect(events.some((event) => event.type === "reads" && event.held)).toBe(false);
  });

  it("longer than the reader's memory is doubtful no more than blind: what was lost is not vouched for", async () => {
    const device = await simulated({ reportCapacity: 40 });
    const { driver, events, coverage, reads } = rig(device.address.port ?? 0, { 1: "portal" }, undefined, 20);
    await driver.start();
    await until(() => reads().length > 0, "reads");
    device.cut(true);
    await until(() => coverage().at(-1) === "blind 1", "blind");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    device.cut(false);
    await until(() => coverage().at(-1) === "watching 1", "watching");
    const [blind, watching] = events.filter(({ type }) => type === "coverage").slice(-2);
    if (blind?.type !== "coverage" || watching?.type !== "coverage") throw new Error("none");
    expect(driver.health().counters.bufferOverflows).toBe(1);
    expect(watching.since).toBeGreaterThan(blind.since + 1_000);
  });

  it("ends also at an Impinj reader that believes its dead connection alive, for its link monitor was set", async () => {
    const clock = new ManualClock();
    const device = await simulated({ clock, flavour: { vendor: "impinj" } });
    const relay = await freezable(device.address.port ?? 0);
    const { driver, coverage } = rig(relay.port, { 1: "portal" }, clock, 20);
    await driver.start();
    await until(() => coverage().at(-1) === "watching 1", "watching");
    relay.freeze();
    for (let second = 0; second < 120 && coverage().length < 3; second++) {
      await clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(coverage()).toEqual(["watching 1", "blind 1", "watching 1"]);
    // Refused while the reader still held on to the dead one.
    expect(driver.health().counters).toMatchObject({ halfOpen: 1, provisioned: 1 });
    expect(driver.health().counters.refused).toBeGreaterThan(0);
  });
});
