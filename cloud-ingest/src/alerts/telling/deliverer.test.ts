import { createHmac } from "node:crypto";
import type { AlertMessage, AlertStatus } from "@storeward/contracts";
import { createLogger, ManualClock } from "@storeward/runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Alerting } from "../alerting.js";
import { alertStatus } from "../queries.js";
import { AlertedSite, DARK, TESTER } from "../testing.js";
import { Deliverer } from "./deliverer.js";
import { mailSender } from "./mail.js";
import { pushSender } from "./push.js";
import { HookServer, MailServer } from "./testing.js";
import { webhookSender } from "./webhook.js";

const log = createLogger("test", { level: "silent" });
const mail = new MailServer();
const hook = new HookServer();
let alerted: AlertedSite;
let deliverer: Alerting["deliverer"];
let url = "";
beforeAll(async () => {
  const settings = {
    host: "127.0.0.1",
    port: await mail.start(),
    tls: "none",
    from: "storeward@hospital.test",
  } as const;
  url = await hook.start();
  alerted = await AlertedSite.open(settings);
  deliverer = alerted.alerting.deliverer;
});
afterAll(async () => {
  await deliverer.stop();
  await alerted.close();
  await mail.stop();
  await hook.stop();
});
beforeEach(async () => {
  mail.behaviour = "take";
  hook.status = 204;
  await alerted.set({
    rules: [DARK],
    receivers: [
      { id: "desk", name: "Desk", by: { kind: "email", to: ["a@hospital.test", "b@hospital.test"] } },
      { id: "hook", name: "Hook", by: { kind: "webhook", url } },
    ],
  });
  await deliverer.run();
  mail.mails.length = 0;
  hook.calls.length = 0;
});

async function dark(): Promise<void> {
  for (const agent of ["doors", "shelves"]) alerted.says(agent, "online");
  await alerted.round();
  alerted.says("doors", "offline");
  await alerted.round();
  for (const seconds of [30, 30]) {
    alerted.says("shelves", "online");
    await alerted.pass(seconds);
  }
}
async function light(): Promise<void> {
  alerted.says("doors", "online");
  alerted.says("shelves", "online");
  await alerted.round();
}
const secret = async () =>
  (await alerted.site.sql.query<{ secret: string }>("SELECT secret FROM alert_secret WHERE receiver = 'hook'"))[0]
    ?.secret ?? "";
const status = async (): Promise<AlertStatus> => {
  const { receivers } = await alerted.alerting.setup.current(alerted.site.sql);
  return alertStatus(alerted.site.sql, receivers, true);
};

describe("the outbox of alerts", { timeout: 60_000 }, () => {
  it("tells every address of the beginning and the end once, in that order, in words and signed", async () => {
    await dark();
    await deliverer.run();
    await light();
    await deliverer.run();
    expect(mail.mails.map(({ to, subject }) => `${to} ${subject}`).sort()).toEqual([
      "a@hospital.test ALERT: Gateway dark: doors",
      "a@hospital.test OVER: Gateway dark: doors",
      "b@hospital.test ALERT: Gateway dark: doors",
      "b@hospital.test OVER: Gateway dark: doors",
    ]);
    expect(new Set(mail.mails.map(({ messageId }) => messageId)).size).toBe(4);
    expect(mail.mails[0]?.text).toContain("http://storeward.test/alerts/");
    const messages = hook.calls.map(({ body }) => JSON.parse(body) as AlertMessage);
    expect(messages.map(({ type }) => type)).toEqual(["alert.opened", "alert.closed"]);
    for (const { headers, body } of hook.calls) {
      const key = Buffer.from((await secret()).replace("whsec_", ""), "base64");
      const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
      expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
      expect(headers["idempotency-key"]).toBe(headers["webhook-id"]);
    }
  });

  it("a receiver that is away holds up no other, is told of on the page, and gets everything in its order once it is back", async () => {
    mail.behaviour = "refuse";
    await dark();
    await deliverer.run();
    await light();
    await deliverer.run();
    expect(hook.calls).toHaveLength(2);
    expect(mail.mails).toEqual([]);
    const [desk, other] = (await status()).receivers;
    expect(desk).toMatchObject({ id: "desk", waiting: 4 });
    expect(desk?.error).toContain("451");
    expect(desk?.failingSince).not.toBeNull();
    expect(other).toMatchObject({ id: "hook", waiting: 0, failingSince: null });

    mail.behaviour = "take";
    await deliverer.run();
    expect(mail.mails).toEqual([]);
    await alerted.clock.advance(60_000);
    await deliverer.run();
    for (const to of ["a@hospital.test", "b@hospital.test"])
      expect(mail.mails.filter((one) => one.to === to).map(({ subject }) => subject.slice(0, 5))).toEqual([
        "ALERT",
        "OVER:",
      ]);
    expect((await status()).receivers[0]).toMatchObject({ waiting: 0, failingSince: null, error: null });
  });

  it("what was taken without a word is sent again under the same Message-ID and Idempotency-Key", async () => {
    mail.behaviour = "drop";
    hook.status = 0;
    await dark();
    await deliverer.run();
    const before = mail.mails.map(({ to, messageId }) => `${to} ${messageId}`);
    expect(before).toHaveLength(2);
    const { error } = (await status()).receivers.find(({ id }) => id === "hook") ?? {};
    expect(error).toMatch(/^ALERT_NOT_REACHED: The receiver cannot be reached, because /);
    expect(error).not.toContain("fetch");
    mail.behaviour = "take";
    hook.status = 200;
    await alerted.clock.advance(60_000);
    await deliverer.run();
    const again = mail.mails.slice(2).map(({ to, messageId }) => `${to} ${messageId}`);
    expect(again.sort()).toEqual(before.sort());
    expect(hook.calls).toHaveLength(2);
    expect(new Set(hook.calls.map(({ headers, body }) => `${headers["webhook-id"]} ${body}`)).size).toBe(1);
  });

  it("asks a receiver that is away ever less often, and gives up after three days", async () => {
    hook.status = 503;
    await dark();
    await deliverer.run();
    hook.tries = 0;
    for (let seconds = 0; seconds < 600; seconds += 10) {
      await alerted.clock.advance(10_000);
      await deliverer.run();
    }
    // After 5 s, 10, 20 and so on: six or seven times in ten minutes, and every quarter of an hour from then on.
    expect(hook.tries).toBeGreaterThanOrEqual(5);
    expect(hook.tries).toBeLessThanOrEqual(8);
    await alerted.clock.advance(3 * 86_400_000);
    await deliverer.run();
    const [row] = await alerted.site.sql.query<{ given: boolean; error: string }>(
      "SELECT given_up_at IS NOT NULL AS given, error FROM alert_outbox WHERE receiver = 'hook'",
    );
    expect(row).toEqual({ given: true, error: "ALERT_REFUSED: The receiver answered 503" });
  });

  it("of two processes each row is delivered by one", async () => {
    const deps = {
      db: alerted.site.test.db,
      log,
      clock: alerted.clock,
      senders: {
        email: mailSender({ host: "127.0.0.1", port: 9, tls: "none", from: "x@y" }, undefined),
        webhook: webhookSender(new ManualClock()),
        push: pushSender(alerted.site.test.db, "mailto:a@b", alerted.clock),
      },
      onGone: () => undefined,
    };
    const others = [1, 2, 3].map(() => new Deliverer(deps));
    await alerted.alerting.setup.remove("receivers", "desk", TESTER);
    for (let n = 0; n < 5; n++) {
      await dark();
      await light();
    }
    await Promise.all([deliverer, ...others].map((one) => one.run()));
    await deliverer.run();
    const ids = hook.calls.map(({ headers }) => headers["webhook-id"]);
    expect(ids).toHaveLength(10);
    expect(new Set(ids).size).toBe(10);
    for (const one of others) await one.stop();
  });

  it("without a mail server an e-mail waits, and says what to configure", async () => {
    const none = new Deliverer({
      db: alerted.site.test.db,
      log,
      clock: alerted.clock,
      senders: {
        email: undefined,
        webhook: webhookSender(alerted.clock),
        push: pushSender(alerted.site.test.db, "mailto:a@b", alerted.clock),
      },
      onGone: () => undefined,
    });
    mail.behaviour = "refuse";
    await dark();
    await deliverer.run();
    await alerted.clock.advance(60_000);
    await none.run();
    expect((await status()).receivers[0]?.error).toContain("ALERT_MAIL_NOT_SET");
    await none.stop();
  });
});
