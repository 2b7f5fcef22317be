import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { freePort } from "@storeward/reader-simulators";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestAuthority } from "../../../test/llrp/certificates.js";
import { rig, until } from "../../../test/llrp/rig.js";
import { simulated } from "../../../test/llrp/simulated-reader.js";

let authority: TestAuthority;
beforeEach(() => {
  authority = new TestAuthority();
});
afterEach(() => authority.stop());

const roles = { 1: "shelf", 2: "shelf" } as const;
const start = async (port: number, changes: Parameters<typeof rig>[4]) => {
  const made = rig(port, roles, undefined, 20, { tls: true, ...changes });
  await made.driver.start();
  return made;
};

describe("LLRP over TLS", () => {
  it("reads over an encrypted line, by an address or by a name that the certificate holds", async () => {
    for (const name of ["127.0.0.1", "reader.example"]) {
      const { key, cert } = authority.issue(name);
      const { address } = await simulated({ tls: { key, cert } });
      const serverName = name === "127.0.0.1" ? {} : { serverName: name };
      const { reads, driver } = await start(address.port ?? 0, { caFile: authority.caFile, ...serverName });
      await until(() => reads().length >= 4, `reads from ${name}`);
      await driver.stop();
    }
  });

  it("does not talk to a reader whose certificate is of another authority or for another name, and says which", async () => {
    const stranger = new TestAuthority();
    const { key, cert } = authority.issue("reader.example");
    const device = await simulated({ tls: { key, cert } });
    const port = device.address.port ?? 0;
    const other = await start(port, { caFile: stranger.caFile, serverName: "reader.example" });
    const misnamed = await start(port, { caFile: authority.caFile });
    for (const { driver } of [other, misnamed]) await until(() => driver.health().error !== undefined, "an error");
    expect(other.driver.health().error).toMatch(/LLRP_TLS.*caFile/);
    expect(misnamed.driver.health().error).toMatch(/LLRP_TLS.*127\.0\.0\.1 is not in the cert/);
    expect(device.status().clients).toBe(0);
    stranger.stop();
  });

  it("shows a certificate to a reader that asks for one", async () => {
    const reader = authority.issue("127.0.0.1");
    const ours = authority.issue("box.example");
    const { address } = await simulated({ tls: { key: reader.key, cert: reader.cert, ca: authority.ca } });
    const bare = await start(address.port ?? 0, { caFile: authority.caFile });
    await until(() => bare.driver.health().error !== undefined, "refused without a certificate");
    await bare.driver.stop();
    const { certFile, keyFile } = ours;
    const { reads } = await start(address.port ?? 0, { caFile: authority.caFile, certFile, keyFile });
    await until(() => reads().length >= 4, "reads");
  });

  it("is spoken to a reader that calls in, and only to one that shows a certificate of the authority", async () => {
    const { certFile, keyFile } = authority.issue("127.0.0.1");
    const theirs = authority.issue("reader.example");
    const port = await freePort();
    const listen = { port };
    const { reads, driver } = await start(0, {
      listen,
      host: "127.0.0.1",
      caFile: authority.caFile,
      certFile,
      keyFile,
    });
    const tls = { ca: authority.ca };
    await simulated({ callTo: { host: "127.0.0.1", port }, tls });
    await until(() => (driver.health().counters.tlsFailures ?? 0) > 0, "a caller without a certificate");
    expect(reads()).toEqual([]);
    await simulated({ callTo: { host: "127.0.0.1", port }, tls: { ...tls, key: theirs.key, cert: theirs.cert } });
    await until(() => reads().length >= 4, "reads");
  });

  it("keeps nobody waiting who stops while a caller has not yet agreed on it", async () => {
    const { certFile, keyFile } = authority.issue("127.0.0.1");
    const port = await freePort();
    const { driver } = await start(0, { listen: { port }, host: "127.0.0.1", certFile, keyFile });
    const silent = connect(port, "127.0.0.1");
    const closed = new Promise((resolve) => silent.on("error", () => undefined).once("close", resolve));
    await new Promise((resolve) => silent.once("connect", resolve));
    await driver.stop();
    await closed;
  });

  it("says which file it cannot read, and goes on once it is there", async () => {
    const { key, cert } = authority.issue("127.0.0.1");
    const { address } = await simulated({ tls: { key, cert } });
    const caFile = `${authority.caFile}.late`;
    const { driver, reads } = await start(address.port ?? 0, { caFile });
    await until(() => driver.health().error !== undefined, "an error");
    expect(driver.health().error).toMatch(/LLRP_FILE: caFile/);
    writeFileSync(caFile, authority.ca);
    await until(() => reads().length >= 4, "reads");
  });
});
