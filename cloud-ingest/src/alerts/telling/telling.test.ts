import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AlertRule } from "@storeward/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backup, restore } from "../../backup/index.js";
import { AlertedSite, DARK } from "../testing.js";

let alerted: AlertedSite;
beforeAll(async () => {
  alerted = await AlertedSite.open();
});
afterAll(() => alerted.close());

const EVERYBODY = { id: "all", name: "All", by: { kind: "webhook" as const, url: "http://127.0.0.1:9/" } };
const setUp = (rules: AlertRule[], more = {}) => alerted.set({ rules, receivers: [EVERYBODY], ...more });
const open = async () => (await alerted.alerts()).filter(({ state }) => state !== "closed");

describe("who is told of an alert, and when", { timeout: 60_000 }, () => {
  const dark = async () => {
    alerted.says("doors", "online");
    alerted.says("shelves", "online");
    await alerted.round();
    alerted.says("doors", "offline");
    await alerted.round();
  };
  const stayDark = async (seconds: number) => {
    for (let left = seconds; left > 0; left -= 30) {
      alerted.says("shelves", "online");
      await alerted.pass(Math.min(30, left));
    }
  };
  const receiver = (id: string, more = {}) => ({ ...EVERYBODY, id, ...more });
  const receivers = async () =>
    (
      await alerted.site.sql.query<{ word: string }>(
        "SELECT receiver || ' ' || event AS word FROM alert_outbox ORDER BY n",
      )
    ).map(({ word }) => word);

  it("by role and place; the next in line when nobody acknowledges it, and nobody any more once somebody has", async () => {
    const rule = {
      ...DARK,
      tell: ["technician"],
      escalate: [
        { after: 60, tell: ["chief"] },
        { after: 120, tell: ["boss"] },
      ],
    };
    await alerted.set({
      rules: [rule],
      receivers: [
        receiver("tech", { roles: ["technician"] }),
        receiver("tech-2", { roles: ["technician"], places: ["bin-1"] }),
        receiver("tech-3", { roles: ["technician"], places: ["floor"] }),
        receiver("chief", { roles: ["chief"] }),
        receiver("boss", { roles: ["boss"] }),
      ],
    });
    await dark();
    await stayDark(60);
    expect(await receivers()).toEqual(["tech opened", "tech-3 opened"]);
    await stayDark(60);
    expect((await receivers()).slice(2)).toEqual(["chief escalated 1"]);
    const [alert] = await open();
    const book = await alerted.alerts();
    expect(book[0]?.escalated).toBe(1);
    const acknowledged = await alerted.acknowledge(alert?.id ?? "", "on my way");
    expect(acknowledged.acknowledged).toMatchObject({ by: "tester", note: "on my way" });
    await stayDark(300);
    expect(await receivers()).toHaveLength(3);
    alerted.says("doors", "online");
    await alerted.round();
    expect((await receivers()).slice(3)).toEqual(["chief closed", "tech closed", "tech-3 closed"]);
  });

  it("not in quiet hours: later, and not at all of what is over by then; of what is critical at once", async () => {
    const now = alerted.clock.wall();
    const iso = (seconds: number) => new Date(now + seconds * 1000).toISOString();
    const windows = [{ id: "q", title: "Night", kind: "quiet" as const, when: { begins: iso(0), ends: iso(1000) } }];
    await alerted.set({
      rules: [
        { ...DARK, severity: "warning" },
        { ...DARK, id: "grave" },
      ],
      receivers: [receiver("all")],
      windows,
    });
    await dark();
    await stayDark(90);
    const waiting = await alerted.site.sql.query<{ held: boolean; at: Date; severity: string }>(
      "SELECT o.held, o.next_at AS at, a.severity FROM alert_outbox o JOIN alert a ON a.id = o.alert ORDER BY a.severity",
    );
    expect(waiting.map(({ held, severity }) => [severity, held])).toEqual([
      ["critical", false],
      ["warning", true],
    ]);
    expect(waiting[1]?.at.toISOString()).toBe(iso(1000));
    alerted.says("doors", "online");
    await alerted.round();
    expect((await alerted.told()).sort()).toEqual(["closed: doors", "opened: doors"]);
  });

  it("goes on after a restore from a backup as it was then", async () => {
    await setUp([DARK]);
    await dark();
    await stayDark(60);
    const before = await alerted.alerts();
    const folder = mkdtempSync(join(tmpdir(), "storeward-alerts-"));
    const file = join(folder, "backup");
    try {
      await backup(alerted.site.test.db, file);
      await restore(alerted.site.test.db, file, { ledger: "", force: true, migrations: AlertedSite.migrations });
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(await alerted.alerts()).toEqual(before);
    alerted.says("doors", "online");
    await alerted.round();
    expect(await open()).toEqual([]);
    expect(await alerted.told()).toEqual(["opened: doors", "closed: doors"]);
  });

  it("during maintenance nothing is opened; what still holds afterwards is", async () => {
    const now = alerted.clock.wall();
    const iso = (seconds: number) => new Date(now + seconds * 1000).toISOString();
    const when = { begins: iso(0), ends: iso(600) };
    const elsewhere = {
      id: "m2",
      title: "Other",
      kind: "maintenance" as const,
      places: ["store-2"],
      when: { begins: iso(0), ends: iso(9000) },
    };
    await setUp([DARK], {
      windows: [{ id: "m", title: "Works", kind: "maintenance" as const, rules: ["dark"], places: ["store-1"], when }],
    });
    await dark();
    await stayDark(570);
    expect(await open()).toEqual([]);
    await stayDark(60);
    expect(await open()).toHaveLength(1);
    await setUp([DARK], { windows: [{ ...elsewhere, places: ["bin-1"] }] });
    await dark();
    await stayDark(90);
    expect(await open()).toHaveLength(1);
  });
});
