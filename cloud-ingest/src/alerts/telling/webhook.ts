import { createHmac } from "node:crypto";
import type { Clock } from "@storeward/runtime";
import { checkTaken, post } from "./post.js";
import type { Sender } from "./types.js";

const PREFIX = "whsec_";

/**
 * Posts to a URL, signed as Standard Webhooks has it: HMAC-SHA256 over id, timestamp and body under the receiver's secret. Anything but 2xx counts
 * as not delivered.
 */
export function webhookSender(clock: Clock): Sender {
  return {
    async send({ key, target, body, secret }, signal) {
      const timestamp = String(Math.floor(clock.wall() / 1000));
      const headers = {
        "content-type": "application/json",
        "user-agent": "storeward",
        "idempotency-key": key,
        "webhook-id": key,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(secret ?? "", key, timestamp, body),
      };
      checkTaken(await post(target, headers, body, signal));
    },
    close: () => undefined,
  };
}

/** `v1,` and base64. @param secret `whsec_` and the key in base64 */
export function signature(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}
