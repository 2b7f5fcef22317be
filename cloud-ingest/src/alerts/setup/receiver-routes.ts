import { AlertReceiverAnswer, Code } from "@storeward/contracts";
import { type Clock, systemClock } from "@storeward/runtime";
import { Type } from "typebox";
import { uuidv7 } from "uuidv7";
import { audit } from "../../audit/index.js";
import type { Database } from "../../database/index.js";
import { type Routes, sourceOf } from "../../http/index.js";
import { E } from "../errors.js";
import { tellTest } from "../telling/outbox.js";
import { isSetByPeople, type StoredReceiver } from "../types.js";
import { type SetupStore, secretOf } from "./setup-store.js";

export interface ReceiverRoutesDeps {
  readonly db: Database;
  readonly setup: SetupStore;
  /** Called when something was put into the outbox. */
  readonly wake: () => void;
  readonly clock?: Clock;
}

const tags = ["alerts"];
const config = { role: "administrator" } as const;
const byCode = Type.Object({ id: Code });

/** What can be done with a receiver besides setting it. */
export const receiverRoutes =
  ({ db, setup, wake, clock = systemClock }: ReceiverRoutesDeps): Routes =>
  async (app) => {
    app.post(
      "/alerts/receivers/:id/secret",
      {
        config,
        schema: {
          summary: "A new secret for a webhook; the one before is no longer used",
          tags,
          params: byCode,
          response: { 200: AlertReceiverAnswer },
        },
      },
      async (request) => {
        const receiver = await receiverOf(request.params.id);
        if (!isSetByPeople(receiver) || receiver.by.kind !== "webhook")
          throw E.ALERT_DOCUMENT_NOT_FOUND({ kind: "webhook", id: receiver.id });
        const secret = await secretOf(db, receiver.id, true);
        await audit(db, {
          ...sourceOf(request),
          action: "alert-receiver.secret-made",
          subject: `alert-receiver:${receiver.id}`,
        });
        return { receiver, secret };
      },
    );
    app.post(
      "/alerts/receivers/:id/test",
      {
        config,
        schema: {
          summary: "Sends a receiver a word, to see whether it arrives",
          tags,
          params: byCode,
          response: { 202: Type.Null({ description: "it is on its way" }) },
        },
      },
      async (request, reply) => {
        const receiver = await receiverOf(request.params.id);
        const source = sourceOf(request);
        await db.transaction(async (tx) => {
          const says = `${source.actor} asked Storeward to see whether this arrives at ${receiver.name}`;
          await tellTest(tx, receiver, says, uuidv7(), clock.wall());
          await audit(tx, { ...source, action: "alert-receiver.tested", subject: `alert-receiver:${receiver.id}` });
          tx.afterCommit(wake);
        });
        return reply.code(202).send(null);
      },
    );

    async function receiverOf(id: string): Promise<StoredReceiver> {
      const found = (await setup.current(db)).receivers.find((receiver) => receiver.id === id);
      if (found === undefined) throw E.ALERT_DOCUMENT_NOT_FOUND({ kind: "receiver", id });
      return found;
    }
  };
