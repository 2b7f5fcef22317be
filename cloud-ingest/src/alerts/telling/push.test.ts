import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from "node:crypto";
import type { AlertSetup, AlertStatus, User } from "@storeward/contracts";
import { createLogger } from "@storeward/runtime";
import fc from "fast-check";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttp } from "../../http/index.js";
import { AlertedSite, DARK } from "../testing.js";
import { isPushService } from "./push.js";
import { encryptPush, newVapidKeys, vapidHeader } from "./push-encryption.js";
import { HookServer } from "./testing.js";

const raw = (text: string) => Buffer.from(text, "base64url");

/** A browser's side of RFC 8291: what it subscribes with, and how it reads. */
class Browser {
  readonly #pair = createECDH("prime256v1");
  readonly #auth = randomBytes(16);

  constructor() {
    this.#pair.generateKeys();
  }

  get keys() {
    return { p256dh: this.#pair.getPublicKey("base64url"), auth: this.#auth.toString("base64url") };
  }

  read(body: Buffer): string {
    const [salt, size] = [body.subarray(0, 16), body[20] ?? 0];
    const [server, sealed] = [body.subarray(21, 21 + size), body.subarray(21 + size)];
    const derive = (key: Buffer, salted: Buffer, info: Buffer, length: number) =>
      Buffer.from(hkdfSync("sha256", key, salted, info, length));
    const info = Buffer.concat([Buffer.from("WebPush: info\0"), this.#pair.getPublicKey(), server]);
    const secret = derive(this.#pair.computeSecret(server), this.#auth, info, 32);
    const key = derive(secret, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
    const nonce = derive(secret, salt, Buffer.from("Content-Encoding: nonce\0"), 12);
    const decipher = createDecipheriv("aes-128-gcm", key, nonce).setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    return plain.subarray(0, -1).toString();
  }
}

describe("what is pushed to a browser", () => {
  it("is the vector of RFC 8291, Appendix A", () => {
    const keys = {
      p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
      auth: "BTBZMqHH6r4Tts7J_aSIgg",
    };
    const fixed = {
      salt: raw("DGv6ra1nlYgDCS1FRnbzlw"),
      privateKey: raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
    };
    expect(encryptPush("When I grow up, I want to be a watermelon", keys, fixed).toString("base64url")).toBe(
      "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
    );
  });

  it("is read by the browser that subscribed and by no other, and signed with our key for its push service", () => {
    const [browser, other] = [new Browser(), new Browser()];
    fc.assert(
      fc.property(fc.string({ maxLength: 500, unit: "binary" }), (text) => {
        const body = encryptPush(text, browser.keys);
        expect(browser.read(body)).toBe(Buffer.from(text).toString());
        expect(() => other.read(body)).toThrow();
      }),
      { numRuns: 20 },
    );
    const keys = newVapidKeys();
    const header = vapidHeader("https://push.example.test/x/y", "mailto:a@b.test", keys, 1000);
    const [, head = "", claims = "", signature = ""] = /^vapid t=([^.]+)\.([^.]+)\.([^,]+), k=/.exec(header) ?? [];
    expect(JSON.parse(raw(claims).toString())).toEqual({
      aud: "https://push.example.test",
      exp: 44_200,
      sub: "mailto:a@b.test",
    });
    const point = raw(keys.publicKey);
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString("base64url"));
    const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" }, format: "jwk" });
    const signed = Buffer.from(`${head}.${claims}`);
    expect(verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, raw(signature))).toBe(true);
  });

  it("goes to push services of browsers only", () => {
    expect(
      ["https://fcm.googleapis.com/fcm/send/x", "https://web.push.apple.com/x"].every((url) => isPushService(url)),
    ).toBe(true);
    for (const url of [
      "http://fcm.googleapis.com/x",
      "https://evil-fcm.googleapis.com.test/x",
      "https://127.0.0.1/x",
      "https://fcm.googleapis.com:8443/x",
      "nothing",
    ])
      expect([url, isPushService(url)]).toEqual([url, false]);
  });
});

describe("a browser that is subscribed", { timeout: 60_000 }, () => {
  const service = new HookServer();
  const browser = new Browser();
  let alerted: AlertedSite;
  let app: FastifyInstance;
  let endpoint = "";
  const user: User = { id: "0198c0de-0000-7000-8000-00000000000a", username: "nurse", role: "viewer" };
  beforeAll(async () => {
    endpoint = await service.start();
    alerted = await AlertedSite.open(undefined, [new URL(endpoint).host]);
    app = await createHttp({
      listen: { host: "127.0.0.1", port: 0 },
      log: createLogger("test", { level: "silent" }),
      version: "1",
      authenticator: { authenticate: async (role) => ({ ...user, role: role as User["role"] }) },
      routes: [alerted.alerting.routes],
      health: async () => ({}),
    });
  });
  afterAll(async () => {
    await app.close();
    await alerted.alerting.deliverer.stop();
    await alerted.close();
    await service.stop();
  });
  const call = async (method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: object, role = "viewer") => {
    const headers = { authorization: `Bearer ${role}` };
    const answer = await app.inject({ method, url: `/api/v1/alerts${path}`, headers, ...(body && { payload: body }) });
    return { status: answer.statusCode, body: answer.body === "" ? null : answer.json() };
  };
  const receivers = async () => ((await call("GET", "/status")).body as AlertStatus).receivers;

  it("is told what can be read by it alone, is no part of a setup that goes out or comes in, and is forgotten once it is gone", async () => {
    await alerted.set({ rules: [DARK] });
    const { body: first } = await call("GET", "/push");
    expect((await call("GET", "/push")).body).toEqual(first);
    expect(
      (await call("POST", "/push", { endpoint: "https://internal.hospital.test/x", keys: browser.keys })).status,
    ).toBe(422);
    expect((await call("POST", "/push", { endpoint, keys: browser.keys })).status).toBe(204);
    const { body: setup } = await call("GET", "/setup", undefined, "administrator");
    expect((setup as AlertSetup).receivers).toEqual([]);
    expect((await call("PUT", "/setup", setup as AlertSetup, "administrator")).status).toBe(200);
    expect(await receivers()).toMatchObject([{ name: "nurse", kind: "push" }]);

    alerted.says("doors", "online");
    await alerted.round();
    alerted.says("doors", "offline");
    await alerted.round();
    await alerted.pass(61);
    await alerted.alerting.deliverer.run();
    const [sent] = service.calls;
    expect(JSON.parse(browser.read(sent?.bytes ?? Buffer.alloc(0)))).toMatchObject({
      title: "ALERT: Gateway dark: doors",
    });
    expect(sent?.headers.urgency).toBe("high");
    expect(sent?.headers.authorization).toContain(`k=${(first as { publicKey: string }).publicKey}`);

    service.status = 410;
    alerted.says("doors", "online");
    await alerted.round();
    await alerted.alerting.deliverer.run();
    await expect.poll(receivers, { timeout: 30_000 }).toEqual([]);
  });
});
