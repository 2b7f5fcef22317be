import { join } from "node:path";
import type { GatewayList } from "@storeward/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiClient } from "./box/api-client.js";
import { cloudCommand, databaseProcess, inCloud, journaled, type Rows } from "./box/books.js";
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
    await killed("agent edge-stores");
    await killed("cloud");
    const before = databaseProcess(box);
    process.kill(before, "SIGKILL");
    await expect.poll(() => databaseProcess(box), WAIT).not.toBe(before);
    await healthy();
    await moreRows();

    expect(await box.stop()).toBe(0);
    const given = journaled(box);
    await box.start();
    await expectOnce(given, "after-kills.gz");
  });

  it("is healed by its agents after an older backup was restored", async () => {
    expect(await box.stop()).toBe(0);
    const given = journaled(box);
    await cloudCommand(box, "restore", olderBackup(), "--force");
    await box.start();
    await expectOnce(given, "after-restore.gz");
  });

  /** Kills a part, and waits until there is another process of it and more has come. */
  async function killed(part: string): Promise<void> {
    const before = box.note().parts[part];
    box.kill(part);
    await expect.poll(() => box.note().parts[part], WAIT).not.toBe(before);
    await healthy();
    await moreRows();
  }

  /** The cloud has more than now from the agent whose doors are busy. */
  async function moreRows(): Promise<void> {
    const committed = async () => (await gateways()).find(({ agent }) => agent === "edge-stores")?.committed ?? 0;
    const before = await committed();
    await expect.poll(committed, WAIT).toBeGreaterThan(before);
  }

  const gateways = async () => (await client.get<GatewayList>("/gateways")).gateways;

  const healthy = () =>
    expect
      .poll(
        () =>
          fetch(`${box.url}/api/v1/health`).then(
            ({ status }) => status,
            () => 0,
          ),
        WAIT,
      )
      .toBe(200);

  const olderBackup = () => join(box.data, "older.gz");

  /** Waits until what was given out has reached the cloud, and compares. */
  async function expectOnce(given: Rows, backup: string): Promise<void> {
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
        async () =>
          (await gateways())
            .filter(({ agent, committed }) => committed < (due.get(agent) ?? 0))
            .map(({ agent }) => agent),
        WAIT,
      )
      .toEqual([]);
  }
});

/** Generous, for a busy machine. */
const WAIT = { timeout: 60_000, interval: 250 };
const lifeOf = (row: string) => row.slice(0, row.lastIndexOf(" "));
const seqOf = (row: string) => Number(row.slice(row.lastIndexOf(" ") + 1));

/** The last row of each life of each journal. */
function lastSeqs(rows: Rows): Map<string, number> {
  const last = new Map<string, number>();
  for (const row of rows.keys()) last.set(lifeOf(row), Math.max(seqOf(row), last.get(lifeOf(row)) ?? 0));
  return last;
}
