import { join } from "node:path";
import type { GatewayList } from "@storeward/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiClient } from "./box/api-client.js";
import { cloudCommand, inCloud, journaled, killDatabase, type Rows } from "./box/books.js";
import { BoxProcess } from "./box/box-process.js";

describe("a hospital in a box whose parts are killed", () => {
  let box: BoxProcess;
  let client: ApiClient;

  beforeAll(async () => {
    box = await BoxProcess.create();
    await box.start(["--seed", "103", "--pace", "2"]);
    client = new ApiClient(box.url);
    await client.signIn("admin", "of-the-test");
  });

  afterAll(() => box?.remove());

  it("holds each observation that the journals gave out once, through kill -9 of an agent, the cloud and its database", async () => {
    await cloudCommand(box, "backup", olderBackup());
    box.kill("agent edge-stores");
    await pause(4);
    box.kill("cloud");
    await pause(2);
    await healthy();
    killDatabase(box);
    await pause(2);
    await healthy();

    await expectEverythingOnce("after-kills.gz");
  });

  it("is healed by its agents after an older backup was restored", async () => {
    await box.stop();
    await cloudCommand(box, "restore", olderBackup(), "--force");
    await box.start();
    await expectEverythingOnce("after-restore.gz");
  });

  const healthy = () =>
    expect
      .poll(
        () =>
          fetch(`${box.url}/api/v1/health`).then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 60_000, interval: 250 },
      )
      .toBe(200);

  const olderBackup = () => join(box.data, "older.gz");

  /** Closes the agents' books, lets what they hold reach the cloud, and compares. */
  async function expectEverythingOnce(backup: string): Promise<void> {
    expect(await box.stop()).toBe(0);
    const given = journaled(box);
    await box.start();
    await client.signIn("admin", "of-the-test");
    await committed(given);
    await cloudCommand(box, "backup", join(box.data, backup));
    const stored = inCloud(join(box.data, backup));
    expect(given.size).toBeGreaterThan(100);
    expect([...given].filter(([row, type]) => stored.get(row) !== type)).toEqual([]);
    const last = lastSeqs(given);
    const invented = [...stored.keys()].filter((row) => !given.has(row) && seqOf(row) <= (last.get(lifeOf(row)) ?? 0));
    expect(invented).toEqual([]);
  }

  async function committed(given: Rows): Promise<void> {
    const due = new Map<string, number>();
    for (const [life, seq] of lastSeqs(given)) due.set(life.split(" ")[0] ?? "", seq);
    await expect
      .poll(
        async () => {
          const { gateways } = await client.get<GatewayList>("/gateways");
          return gateways
            .filter((gateway) => gateway.committed < (due.get(gateway.agent) ?? 0))
            .map(({ agent }) => agent);
        },
        { timeout: 60_000, interval: 500 },
      )
      .toEqual([]);
  }
});

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const lifeOf = (row: string) => row.slice(0, row.lastIndexOf(" "));
const seqOf = (row: string) => Number(row.slice(row.lastIndexOf(" ") + 1));

/** The last row of each life of each journal. */
function lastSeqs(rows: Rows): Map<string, number> {
  const last = new Map<string, number>();
  for (const row of rows.keys()) last.set(lifeOf(row), Math.max(seqOf(row), last.get(lifeOf(row)) ?? 0));
  return last;
}
