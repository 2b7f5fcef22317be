import { setTimeout as pause } from "node:timers/promises";
import type { AlertMessage } from "@storeward/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { HookServer } from "../../../cloud-ingest/src/alerts/telling/testing.js";
import { skipInflux, TestInflux } from "../../../cloud-ingest/src/time-series/influx/testing.js";
import { ApiClient } from "../box/api-client.js";
import { BoxProcess } from "../box/box-process.js";
import { GrafanaRule } from "../box/grafana-rule.js";
import { AGENTS } from "./tortured-box.js";

/** What is promised of a gateway whose plug is pulled, with the rules as they come. */
const TOLD_WITHIN_MS = 90_000;
const influx = new TestInflux();
const hook = new HookServer();
let box: BoxProcess;
let client: ApiClient;

beforeAll(async () => {
  if (skipInflux) return;
  box = await BoxProcess.create();
  box.env.STOREWARD_INFLUX_URL = (await influx.start()).url;
  const [url] = [await hook.start(), await box.start(["--seed", "103", "--pace", "1"])];
  client = new ApiClient(box.url);
  await client.signIn("admin", "of-the-test");
  await client.put("/alerts/receivers/hook", { id: "hook", name: "Hook", by: { kind: "webhook", url } });
}, 300_000);
afterAll(async () => {
  await box?.remove();
  await influx.close();
  await hook.stop();
}, 60_000);

it.skipIf(skipInflux)(
  "a gateway of a whole box that falls silent: within 90 s Grafana's rule alarms and the service has delivered its own alert; once it goes on, both close",
  async () => {
    const [agent = ""] = AGENTS;
    const grafana = new GrafanaRule("storeward-gateway-dark", influx.url, "storeward");
    const inGrafana = async (state: "alarming" | "well") =>
      (await grafana.judge(Date.now()))[state].some((labels) => labels.agent === agent);
    const delivered = async (type: string) =>
      hook.calls.some(({ body }) => {
        const { type: told, data } = JSON.parse(body) as AlertMessage;
        return told === type && "rule" in data && data.rule === "gateway-dark" && data.evidence.about.agent === agent;
      });
    await until(() => inGrafana("well"));
    expect((await grafana.judge(Date.now())).alarming).toEqual([]);

    // It is stopped and not ended: as of one without power, nobody is told that its connection is gone.
    const pid = box.note().parts[`agent ${agent}`] ?? 0;
    process.kill(pid, "SIGSTOP");
    const pulled = Date.now();
    const since = (begun: number) => async () => Date.now() - begun;
    const [alarms, told] = await Promise.all([
      until(() => inGrafana("alarming")).then(since(pulled)),
      until(() => delivered("alert.opened")).then(since(pulled)),
    ]);
    process.kill(pid, "SIGCONT");
    const put = Date.now();
    const [well, over] = await Promise.all([
      until(() => inGrafana("well")).then(since(put)),
      until(() => delivered("alert.closed")).then(since(put)),
    ]);
    const s = (ms: number) => (ms / 1000).toFixed(1);
    process.stdout.write(
      `torture: plug of a gateway pulled: Grafana's rule alarms after ${s(alarms)} s, the service has told after ${s(told)} s; put back: ${s(well)} s and ${s(over)} s\n`,
    );
    expect(Math.max(alarms, told)).toBeLessThan(TOLD_WITHIN_MS);
  },
  600_000,
);

async function until(what: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 4 * 60_000; !(await what()); await pause(200))
    if (Date.now() > end) throw new Error("it never came to this");
}
