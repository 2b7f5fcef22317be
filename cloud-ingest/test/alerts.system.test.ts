import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Alert, type AlertMessage, type AlertRule, topicOf } from "@storeward/contracts";
import { ALERT_CRASH_POINTS, randomHex } from "@storeward/runtime";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Mosquitto } from "../../edge-agent/test/mosquitto.js";
import { HookServer, MailServer } from "../src/alerts/telling/testing.js";
import { telemetryOf } from "../src/alerts/testing.js";
import { hasServers, OutsidePostgres } from "./servers.js";
import { ADMIN_PASSWORD, site } from "./test-service.js";
import { CloudProcess } from "./torture/cloud-process.js";

const RULE: AlertRule = {
  id: "gateway-dark",
  title: "Gateway dark",
  severity: "critical",
  when: { on: "gateway", is: "dark" },
  lasts: 1,
};

const TELLS_MS = 1000;

/** A gateway that is plugged in: its connection, what it tells of itself, and what the broker says for it once that is cut. */
class Plug {
  readonly #client: MqttClient;
  readonly #telling: NodeJS.Timeout;

  constructor(port: number) {
    const topic = topicOf("edge-1", "status");
    const session = randomHex(16);
    const said = (state: string) =>
      JSON.stringify({ v: 1, state, session, boot: session, config: 1, software: "test 0" });
    const will = { topic, payload: Buffer.from(said("offline")), qos: 1 as const, retain: true };
    this.#client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, will, reconnectPeriod: 0 });
    this.#client.on("error", () => undefined);
    this.#client.on("connect", () => this.#client.publish(topic, said("online"), { qos: 1, retain: true }));
    this.#telling = setInterval(() => {
      const telemetry = JSON.stringify(telemetryOf("edge-1", { session, wall: Date.now() }));
      if (this.#client.connected) this.#client.publish(topicOf("edge-1", "telemetry"), telemetry, { qos: 1 });
    }, TELLS_MS);
  }

  pull(): void {
    clearInterval(this.#telling);
    this.#client.stream.destroy();
    this.#client.end(true);
  }
}

describe.skipIf(!hasServers)(
  "alerts of a service with PostgreSQL and Mosquitto (skipped where they are not installed)",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "storeward-alerts-"));
    const postgres = new OutsidePostgres(join(folder, "postgres"));
    const broker = new Mosquitto(folder);
    const mail = new MailServer();
    const hook = new HookServer();
    let cloud: CloudProcess;
    let token = "";

    beforeAll(async () => {
      const [mailPort, url] = [await mail.start(), await hook.start()];
      await Promise.all([postgres.start(), broker.start()]);
      const more = {
        alerts: { mail: { host: "127.0.0.1", port: mailPort, tls: "none", from: "storeward@ward.test" } },
      };
      const about = { ledger: randomHex(16), site, brokerPort: broker.port, databaseUrl: postgres.url(), more };
      cloud = await CloudProcess.create({ folder: join(folder, "cloud"), ...about });
      cloud.start();
      await cloud.healthy();
      const answer = await call<{ token: string }>("POST", "/session", { username: "admin", password: ADMIN_PASSWORD });
      token = answer.token;
      const receivers = [
        { id: "desk", name: "Desk", by: { kind: "email", to: ["desk@ward.test"] } },
        { id: "hook", name: "Hook", by: { kind: "webhook", url } },
      ];
      await call("PUT", "/alerts/setup", { rules: [RULE], receivers });
    });
    afterAll(async () => {
      await cloud?.end("SIGTERM");
      await broker.kill();
      await postgres.remove();
      await mail.stop();
      await hook.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
      const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await fetch(`${cloud.url}${path}`, { method, headers, ...content });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    }
    const alerts = async () => (await call<{ alerts: Alert[] }>("GET", "/alerts")).alerts;
    async function until(what: () => Promise<boolean>): Promise<void> {
      for (const end = Date.now() + 90_000; !(await what()); await wait(100))
        if (Date.now() > end) throw new Error("it never came to this");
    }
    const types = () => new Set(hook.calls.map(({ body }) => (JSON.parse(body) as AlertMessage).type));
    const mails = (begin: string) => mail.mails.filter(({ subject }) => subject.startsWith(begin));

    it("the plug of a gateway is pulled: one is open and delivered by e-mail and webhook, whenever the service is killed meanwhile; put back, it closes by itself and that is delivered", async () => {
      const before = new Plug(broker.port);
      await until(async () => {
        const { gateways } = await call<{ gateways: { state: string }[] }>("GET", "/gateways");
        return gateways.every(({ state }) => state === "online");
      });
      await cloud.end("SIGTERM");
      for (const [nth, point] of ALERT_CRASH_POINTS.entries()) {
        cloud.start(`${point}:1`);
        if (nth === 0) before.pull();
        await until(async () => !cloud.running);
      }
      cloud.start();
      await cloud.healthy();
      await until(async () => mails("ALERT").length > 0 && types().has("alert.opened"));
      await until(async () =>
        (await call<{ receivers: { waiting: number }[] }>("GET", "/alerts/status")).receivers.every(
          ({ waiting }) => waiting === 0,
        ),
      );
      expect((await alerts()).map(({ state, what }) => [state, what])).toEqual([["open", "Edge (edge-1)"]]);

      const after = new Plug(broker.port);
      await until(async () => mails("OVER").length > 0 && types().has("alert.closed"));
      expect((await alerts()).map(({ state }) => state)).toEqual(["closed"]);
      after.pull();

      // However often something came, it was the same: as many keys as things to be told, to each receiver.
      expect(new Set(mail.mails.map(({ messageId }) => messageId)).size).toBe(2);
      expect(new Set(hook.calls.map(({ headers }) => headers["idempotency-key"])).size).toBe(2);
      expect(new Set(hook.calls.map(({ body }) => body)).size).toBe(2);
      // Only a process that was killed between the receiver's word and the commit has said it again.
      expect(mail.mails.length + hook.calls.length).toBeLessThanOrEqual(4 + ALERT_CRASH_POINTS.length);
    }, 600_000);
  },
);
