import { createHash } from "node:crypto";
import { AlertPushKey, AlertPushSubscription } from "@storeward/contracts";
import { Type } from "typebox";
import type { Database } from "../database/index.js";
import { type Routes, sourceOf } from "../http/index.js";
import { E } from "./errors.js";
import type { SetupStore } from "./setup/setup-store.js";
import { isPushService, vapidKeys } from "./telling/push.js";
import type { StoredReceiver } from "./types.js";

export interface PushRoutesDeps {
  readonly db: Database;
  readonly setup: SetupStore;
  /** Hosts besides those of the browsers' push services. */
  readonly pushServices?: readonly string[] | undefined;
}

/** Browsers that one person has subscribed. */
const MOST_BROWSERS = 10;

/** `/alerts/push`: whoever is signed in may have their own browser told. */
export const pushRoutes =
  ({ db, setup, pushServices }: PushRoutesDeps): Routes =>
  async (app) => {
    const tags = ["alerts"];
    const Nothing = Type.Null({ description: "done" });
    const Endpoint = Type.Pick(AlertPushSubscription, ["endpoint"], { additionalProperties: false });

    app.get(
      "/alerts/push",
      { schema: { summary: "The key that browsers subscribe with", tags, response: { 200: AlertPushKey } } },
      async () => ({ publicKey: (await vapidKeys(db)).publicKey }),
    );
    app.post(
      "/alerts/push",
      { schema: { summary: "Has this browser told", tags, body: AlertPushSubscription, response: { 204: Nothing } } },
      async (request, reply) => {
        const { endpoint, keys, roles, places } = request.body;
        if (!isPushService(endpoint, pushServices)) throw E.ALERT_PUSH_SERVICE_UNKNOWN();
        const user = request.user.username;
        const id = idOf(endpoint);
        const { receivers } = await setup.current(db);
        const own = receivers.filter((other) => other.id !== id && other.by.kind === "push" && other.by.user === user);
        if (own.length >= MOST_BROWSERS) throw E.ALERT_TOO_MANY_BROWSERS({ most: MOST_BROWSERS });
        const only = { ...(roles && { roles }), ...(places && { places }) };
        const receiver: StoredReceiver = { id, name: user, ...only, by: { kind: "push", endpoint, ...keys, user } };
        await setup.put("receivers", receiver, sourceOf(request));
        return reply.code(204).send(null);
      },
    );
    app.delete(
      "/alerts/push",
      { schema: { summary: "Has this browser told no more", tags, body: Endpoint, response: { 204: Nothing } } },
      async (request, reply) => {
        await setup.remove("receivers", idOf(request.body.endpoint), sourceOf(request));
        return reply.code(204).send(null);
      },
    );
  };

/** Of a browser's endpoint, which only that browser and its push service know. */
function idOf(endpoint: string): string {
  return `push-${createHash("sha256").update(endpoint).digest("hex").slice(0, 24)}`;
}
