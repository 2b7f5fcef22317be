import type { AlertMessage } from "@storeward/contracts";
import type { Clock } from "@storeward/runtime";
import type { Database, Sql } from "../../database/index.js";
import { E } from "../errors.js";
import { mailText } from "./message.js";
import { checkTaken, post } from "./post.js";
import { encryptPush, MOST_PLAIN, newVapidKeys, type VapidKeys, vapidHeader } from "./push-encryption.js";
import type { Sender } from "./types.js";

/** A browser that is away for longer need not be woken by it any more. */
const KEPT_S = 86_400;
/** The subscription is no more (RFC 8030 §7.3). */
const GONE: ReadonlySet<number> = new Set([404, 410]);
const LONGEST_TEXT = 400;

/** Our keys, made once for a house: subscriptions are made for them. */
export async function vapidKeys(db: Sql): Promise<VapidKeys> {
  const { publicKey, privateKey } = newVapidKeys();
  await db.query("INSERT INTO alert_push_key (public_key, private_key) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
    publicKey,
    privateKey,
  ]);
  const [keys] = await db.query<VapidKeys>(
    'SELECT public_key AS "publicKey", private_key AS "privateKey" FROM alert_push_key',
  );
  return keys ?? { publicKey, privateKey };
}

/**
 * Sends to a browser by its push service (RFC 8030). What replaces each other has one topic, so that a repetition is shown once.
 * ALERT_RECEIVER_GONE where the browser does not want it any more.
 */
export function pushSender(db: Database, subject: string, clock: Clock): Sender {
  let keys: Promise<VapidKeys> | undefined;
  return {
    async send({ key, body, by }, signal) {
      if (by?.kind !== "push") throw new RangeError("a push is for a browser");
      keys ??= vapidKeys(db);
      const message = JSON.parse(body) as AlertMessage;
      const headers = {
        authorization: vapidHeader(by.endpoint, subject, await keys, Math.floor(clock.wall() / 1000)),
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        ttl: String(KEPT_S),
        topic: key.replace("alert-", "").slice(0, 32),
        urgency: "rule" in message.data && message.data.severity === "critical" ? "high" : "normal",
      };
      const status = await post(by.endpoint, headers, encryptPush(noticeOf(key, message), by), signal);
      if (GONE.has(status)) throw E.ALERT_RECEIVER_GONE();
      checkTaken(status);
    },
    close: () => undefined,
  };
}

/** What the page's service worker shows. The tag is the key: a repetition takes the place of what it repeats. */
function noticeOf(tag: string, message: AlertMessage): string {
  const { data } = message;
  const { subject } = mailText(message, undefined);
  const text = ("rule" in data ? data.evidence.says : data.says).slice(0, LONGEST_TEXT);
  const url = "rule" in data ? `/alerts/${data.id}` : "/alerts";
  const notice = JSON.stringify({ title: subject, text, url, tag });
  return Buffer.byteLength(notice) <= MOST_PLAIN ? notice : JSON.stringify({ title: "Storeward", text: "", url, tag });
}

/** Push services of the browsers; another one is none that a browser of ours would name. */
const SERVICES = [
  "fcm.googleapis.com",
  "updates.push.services.mozilla.com",
  "push.services.mozilla.com",
  "notify.windows.com",
  "push.apple.com",
];

/** Whether a browser's endpoint is one of a push service: anything else could be made to be called by whoever may sign in. */
export function isPushService(endpoint: string, more: readonly string[] = []): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { protocol, hostname, host, username, port } = new URL(endpoint);
  if (more.includes(host)) return true;
  const known = SERVICES.some((service) => hostname === service || hostname.endsWith(`.${service}`));
  return protocol === "https:" && port === "" && username === "" && known;
}
