import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HookServer, MailServer } from "../../cloud-ingest/src/alerts/telling/testing.js";
import { askedNow, askInflux, grafanaQueries } from "../../cloud-ingest/src/time-series/influx/grafana-queries.js";
import { skipInflux, TestInflux } from "../../cloud-ingest/src/time-series/influx/testing.js";
import { ApiClient } from "./box/api-client.js";
import { BoxProcess } from "./box/box-process.js";
import type { Figures } from "./box/judgement.js";
import { Observer } from "./box/observer.js";
import { Plug, type Told } from "./box/plug.js";

/** Seeds from 100 on are never used for tuning. */
const SEED = process.env.STOREWARD_TEST_SEED ?? "101";
/** Longer for steadier figures: STOREWARD_TEST_WATCH_S=600. */
const WATCH_MS = Number(process.env.STOREWARD_TEST_WATCH_S ?? "42") * 1000;

/**
 * In simulated time the filters reach their targets on many passages (edge-agent/test/accuracy). A watch of under a minute has a few
 * dozen of them, and a single tag that is dead or was missed in its shelf costs a twentieth of all looks: so much room is left here.
 */
const HELD = { rightPlace: 0.8, falseMoves: 2, recall: 0.85, wrongDirection: 0.02, falsePassages: 0.2, falseParked: 1 };

/** The gateway whose plug is pulled, and where its antennas are. */
const PULLED = { agent: "edge-theatre", places: ["shelf-b-1", "shelf-b-2"] };
/** What is promised of it. */
const ALARMS_WITHIN_MS = 90_000;
/** The other one, with every door. */
const WATCHING = "edge-stores";

describe("a hospital in a box, from radio to page", () => {
  let box: BoxProcess;
  let client: ApiClient;
  const influx = new TestInflux();
  const mail = new MailServer();
  const hook = new HookServer();

  beforeAll(async () => {
    box = await BoxProcess.create();
    if (!skipInflux) box.env.STOREWARD_INFLUX_URL = (await influx.start()).url;
    const [mailPort, url] = [await mail.start(), await hook.start()];
    Object.assign(box.env, mailSettings(mailPort));
    await box.start(["--seed", SEED, "--pace", "2"]);
    client = new ApiClient(box.url);
    await client.signIn("admin", "of-the-test");
    const receivers = [
      { id: "desk", name: "Desk", by: { kind: "email", to: ["desk@ward.test"] } },
      { id: "hook", name: "Hook", by: { kind: "webhook", url } },
    ];
    await client.put("/alerts/setup", { receivers });
  });

  afterAll(async () => {
    await box?.remove();
    await mail.stop();
    await hook.stop();
    await influx.close();
  });

  it("says how to sign in, and answers no more than its status to strangers", async () => {
    expect(box.printed).toContain(`${box.data}/admin-password`);
    const health = await fetch(`${box.url}/api/v1/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toEqual({ status: "ok" });
    expect((await fetch(`${box.url}/api/v1/items`)).status).toBe(401);
  });

  // Side by side with the next one.
  it.skipIf(skipInflux).concurrent(
    "a gateway whose plug is pulled: within 90 s Grafana's rule alarms and the service has delivered its own alert, with the rules as they come; put back, both close (skipped without InfluxDB)",
    async () => {
      const plug = new Plug({ box, agent: PULLED.agent, influx, mail, hook });
      await plug.isWell();
      const alarmed = await plug.pull();
      const closed = await plug.putBack();
      console.log(`plug pulled: ${inWords(alarmed)}; put back: ${inWords(closed)}`);
      expect(Math.max(...Object.values(alarmed))).toBeLessThan(ALARMS_WITHIN_MS);
    },
  );

  it.concurrent("knows where what moved is, moves nothing that rests, and sees who passes its doors, told in order and once", async () => {
    const { simulation } = box.note();
    const parked = await park(simulation);
    // What left a door before its reader watched is no matter of the filters, nor are first impressions moves.
    await pause(20);
    const observer = new Observer(client, simulation, { agents: [WATCHING], parked, unwatched: PULLED.places });
    const [, standing] = await Promise.all([
      observer.watch(WATCH_MS),
      pause(WATCH_MS / 2000).then(() => standAtDoors(simulation)),
    ]);
    const figures = await observer.figures();
    console.log(report(figures));
    for (const mistake of observer.mistakes) console.log(`  ${mistake}`);

    // That nothing false is told of them says something only of those that stand there.
    expect(parked.filter((epc) => standing.includes(epc))).not.toEqual([]);
    expect(figures.missing).toEqual([]);
    expect(figures.rested).toBeGreaterThan(50);
    expect(figures.restedRight / figures.rested).toBeGreaterThanOrEqual(HELD.rightPlace);
    expect(figures.unmoved).toBeGreaterThan(20);
    expect(figures.falseMoves).toBeLessThanOrEqual(HELD.falseMoves);
    expect(figures.passages).toBeGreaterThan(5);
    expect(figures.recalled / figures.passages).toBeGreaterThanOrEqual(HELD.recall);
    expect(figures.wrongDirection / figures.passages).toBeLessThanOrEqual(HELD.wrongDirection);
    expect(figures.falsePassages / figures.passages).toBeLessThanOrEqual(HELD.falsePassages);
    expect(figures.falsePassagesParked).toBeLessThanOrEqual(HELD.falseParked);
    // How soon is a figure above, not a limit: it depends on the machine. That all is told in order, and once, does not.
    expect(figures.repeated).toBe(0);
    expect(observer.positions.length).toBeGreaterThan(0);
    expect(observer.positions).toEqual([...new Set(observer.positions)].toSorted((a, b) => a - b));
  });

  // Last, for some of what is asked takes a minute or two to be there.
  it.skipIf(skipInflux)(
    "has figures for every panel, variable and rule of Grafana in an InfluxDB 1.x (skipped where it is not installed)",
    async () => {
      const without = async () => {
        const empty: string[] = [];
        for (const { kind, of, query } of grafanaQueries()) {
          const answer = await askInflux(influx.url, "storeward", askedNow(query, Date.now()));
          if (answer.flat().length === 0) empty.push(`${kind} ${of}`);
        }
        return empty;
      };
      await expect.poll(without, { timeout: 120_000, interval: 2000 }).toEqual([]);
    },
  );
});

function inWords({ grafana, mail, webhook }: Told): string {
  const s = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return `Grafana's rule after ${s(grafana)}, e-mail after ${s(mail)}, webhook after ${s(webhook)}`;
}

function mailSettings(port: number): Readonly<Record<string, string>> {
  const settings = { HOST: "127.0.0.1", PORT: String(port), TLS: "none", FROM: "storeward@ward.test" };
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`STOREWARD_CLOUD_ALERTS_MAIL_${name}`, value]),
  );
}

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
/** Has two things stand a metre inside each door. Answers their EPCs. */
async function park(simulation: string): Promise<string[]> {
  const truth = (await (await fetch(`${simulation}/truth`)).json()) as { items: { epc: string; place: string }[] };
  const parked: string[] = [];
  for (const [room, readPoint] of [
    ["storeroom-1", "storeroom-1-door"],
    ["storeroom-2", "storeroom-2-door"],
  ] as const) {
    for (const { epc } of truth.items.filter((item) => item.place === room).slice(0, 2)) {
      const answer = await fetch(`${simulation}/park`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ epc, readPoint }),
      });
      if (!answer.ok) throw new Error(`park ${epc}: ${answer.status} ${await answer.text()}`);
      parked.push(epc);
    }
  }
  return parked;
}

/** EPCs of what stands at a door now. */
async function standAtDoors(simulation: string): Promise<string[]> {
  const { parked } = (await (await fetch(`${simulation}/status`)).json()) as { parked: { epc: string }[] };
  return parked.map(({ epc }) => epc);
}

function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? Number.NaN;
}

/** The figures beside what they are to become. */
function report(figures: Figures): string {
  const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} % of ${whole}`;
  return [
    `seed ${SEED}, ${WATCH_MS / 1000} s`,
    `  moved lately, at rest for 5 s, in the right place: ${share(figures.restedRight, figures.rested)} looks (target 95 %)`,
    `  false moves of ${figures.unmoved} things that did not move: ${figures.falseMoves} (target 0)`,
    `  passages told: ${share(figures.recalled, figures.passages)} (target 95 %)`,
    `  passages told in the wrong direction: ${share(figures.wrongDirection, figures.passages)} (target at most 2 %)`,
    `  false passages: ${figures.falsePassages}, of things parked at the door: ${figures.falsePassagesParked} (target 0)`,
    `  last read to live event, 95th percentile: ${percentile(figures.latencies, 0.95)} ms (target under 1000 ms)`,
  ].join("\n");
}
