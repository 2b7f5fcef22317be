import { connect, type Socket } from "node:net";
import { freePort } from "@storeward/reader-simulators";
import { afterEach, describe, expect, it } from "vitest";
import { open, rig, until } from "../../../test/llrp/rig.js";
import { simulated } from "../../../test/llrp/simulated-reader.js";

const roles = { 1: "portal" } as const;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

const expectOn = async (port: number, changes: Parameters<typeof rig>[4] = {}) => {
  const made = rig(0, roles, undefined, 20, { listen: { port }, ...changes });
  await made.driver.start();
  return made;
};
const callTo = (port: number) => ({ callTo: { host: "127.0.0.1", port } });

describe("readers that call in", () => {
  it("are waited for, told by their address, and read as if we had called", async () => {
    const port = await freePort();
    const { driver, reads, coverage } = await expectOn(port);
    expect(driver.health()).toMatchObject({
      state: "connecting",
      error: `Waiting for the reader to call on port ${port}`,
    });
    const device = await simulated(callTo(port));
    await until(() => reads().length > 0, "reads");
    expect(driver.health().error).toBeUndefined();
    device.cut(true);
    await until(() => coverage().at(-1) === "blind 1", "blind");
    device.cut(false);
    await until(() => coverage().at(-1) === "watching 1", "called again");
  });

  it("are told apart on one port by who they say they are", async () => {
    const port = await freePort();
    const identities = ["0001", "0002"];
    const anywhere = (identity: string) => {
      const { host: _, ...config } = { host: "", identity };
      return config;
    };
    const rigs: ReturnType<typeof rig>[] = [];
    for (const identity of identities) {
      const made = rig(0, roles, undefined, 20, { ...anywhere(identity), id: identity, listen: { port } });
      await made.driver.start();
      rigs.push(made);
    }
    await simulated({ ...callTo(port), identity: Uint8Array.of(0, 2), firmware: "second" });
    await simulated({ ...callTo(port), identity: Uint8Array.of(0, 1), firmware: "first" });
    for (const { reads } of rigs) await until(() => reads().length > 0, "reads");
    expect(rigs.map(({ driver }) => driver.health().firmware)).toEqual(["first", "second"]);
    // One that stops leaves the port to the other.
    await rigs[0]!.driver.stop();
    const { length } = rigs[1]!.reads();
    await until(() => rigs[1]!.reads().length > length, "more reads");
  });

  it("that nobody expects are refused, counted, and disturb nobody", async () => {
    const port = await freePort();
    const { driver, reads } = await expectOn(port, { identity: "ABCD" });
    await simulated({ ...callTo(port), identity: Uint8Array.of(9, 9) });
    await until(() => (driver.health().counters.unknownCallers ?? 0) >= 1, "a refusal");
    expect(reads()).toEqual([]);
    await simulated(callTo(port));
    await until(() => reads().length > 0, "reads");
  });

  it("that say nothing take a bounded number of places, and are let go in time", async () => {
    const port = await freePort();
    const { driver } = await expectOn(port);
    for (let i = 0; i < 12; i++) sockets.push(connect(port, "127.0.0.1").on("error", () => undefined));
    await until(() => (driver.health().counters.callsRefused ?? 0) === 4, "four refused");
  });

  it("and call again are taken: the earlier call is dead", async () => {
    const port = await freePort();
    const { driver, coverage } = await expectOn(port);
    await simulated(callTo(port));
    await until(() => coverage().at(-1) === "watching 1", "watching");
    const again = await simulated(callTo(port));
    await until(() => coverage().filter((one) => one === "blind 1").length > 0, "the first is left");
    expect(driver.health().error).toMatch(/LLRP_REPLACED/);
    await until(() => again.status().connected === true && coverage().at(-1) === "watching 1", "the second");
  });

  it("need a port of their own: a taken one stops the start, and one beyond this machine wants TLS or insecure", async () => {
    const port = await freePort();
    const first = await expectOn(port);
    await first.driver.stop();
    const { createServer } = await import("node:net");
    const taken = createServer().listen(port, "127.0.0.1");
    open.push({ stop: () => new Promise((resolve) => taken.close(() => resolve())) });
    await until(() => taken.listening, "taken");
    await expect(expectOn(port)).rejects.toMatchObject({ code: "PORT_TAKEN" });
    const everywhere = { listen: { port: await freePort(), address: "0.0.0.0" } };
    await expect(expectOn(port, everywhere)).rejects.toMatchObject({ code: "INSECURE_LISTEN" });
    const { driver } = await expectOn(port, { ...everywhere, insecure: true });
    await driver.stop();
    await driver.start();
  });
});
