import { createHmac } from "node:crypto";
import type { Clock } from "@storeward/runtime";
import { E } from "../errors.js";
import type { Sender } from "./types.js";

const LIMIT_MS = 15_000;
const PREFIX = "whsec_";

/**
 * Posts to a URL, signed as Standard Webhooks has it: HMAC-SHA256 over id, timestamp and body under the receiver's secret. Anything but 2xx counts
 * as not delivered; redirects are not followed.
 */
export function webhookSender(clock: Clock): Sender {
  return {
    async send({ key, target, body, secret }, signal) {
      const timestamp = String(Math.floor(clock.wall() / 1000));
      const answer = await fetch(target, {
        method: "POST",
        redirect: "manual",
        headers: {
          "content-type": "application/json",
          "user-agent": "storeward",
          "idempotency-key": key,
          "webhook-id": key,
          "webhook-timestamp": timestamp,
          "webhook-signature": signature(secret ?? "", key, timestamp, body),
        },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]),
      });
      // What it answers besides is nobody's.
      await answer.body?.cancel();
      if (!answer.ok) throw E.ALERT_REFUSED({ status: answer.status });
    },
    close: () => undefined,
  };
}

/** `v1,` and base64. @param secret `whsec_` and the key in base64 */
export function signature(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}
