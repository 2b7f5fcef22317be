import {
  Alert,
  AlertAcknowledgement,
  AlertCounts,
  AlertDetail,
  AlertPage,
  AlertQuery,
  AlertReceiver,
  AlertReceiverAnswer,
  AlertRule,
  AlertRules,
  AlertSetup,
  AlertSetupChange,
  AlertSetupResult,
  AlertStatus,
  AlertWindow,
  Code,
  figureUnit,
  Uuid,
} from "@storeward/contracts";
import { type Clock, systemClock } from "@storeward/runtime";
import { type TSchema, Type } from "typebox";
import { uuidv7 } from "uuidv7";
import { audit } from "../audit/index.js";
import { type Routes, sourceOf } from "../http/index.js";
import type { PlaceDirectory } from "../places/index.js";
import type { AlertBook } from "./alert-book.js";
import { E } from "./errors.js";
import { type PushRoutesDeps, pushRoutes } from "./push-routes.js";
import { alertCounts, alertDetail, alertPage, alertStatus } from "./queries.js";
import { type SetupList, secretOf } from "./setup/setup-store.js";
import { tellTest } from "./telling/outbox.js";
import { isSetByPeople, type StoredReceiver } from "./types.js";

export interface AlertRoutesDeps extends PushRoutesDeps {
  readonly book: AlertBook;
  readonly directory: Pick<PlaceDirectory, "byId">;
  /** Whether a mail server is configured. */
  readonly mail: boolean;
  /** Called when something was put into the outbox. */
  readonly wake: () => void;
  readonly clock?: Clock;
}

const tags = ["alerts"];
const config = { role: "administrator" } as const;
const byId = Type.Object({ id: Uuid });
const byCode = Type.Object({ id: Code });
const Nothing = Type.Null({ description: "done" });

/** `/alerts`: what is open, and whoever is signed in may acknowledge it; what is watched and who is told is for administrators to set. */
export const routes =
  (deps: AlertRoutesDeps): Routes =>
  async (app) => {
    await app.register(alertRoutes(deps));
    await app.register(setupRoutes(deps));
    await app.register(receiverRoutes(deps));
    await app.register(pushRoutes(deps));
  };

const alertRoutes =
  ({ db, book, setup, directory, mail }: AlertRoutesDeps): Routes =>
  async (app) => {
    app.get(
      "/alerts",
      {
        schema: { summary: "Alerts, what is open first", tags, querystring: AlertQuery, response: { 200: AlertPage } },
      },
      async ({ query }) => alertPage(db, directory, query),
    );
    app.get(
      "/alerts/counts",
      { schema: { summary: "How many alerts are open", tags, response: { 200: AlertCounts } } },
      async () => alertCounts(db),
    );
    app.get(
      "/alerts/status",
      {
        schema: { summary: "How receivers are, and what cannot be judged now", tags, response: { 200: AlertStatus } },
      },
      async () => alertStatus(db, (await setup.current(db)).receivers, mail),
    );
    app.get(
      "/alerts/rules",
      { schema: { summary: "What is watched", tags, response: { 200: AlertRules } } },
      async () => {
        const { rules } = await setup.current(db);
        return { rules: [...rules], units: unitsOf(rules) };
      },
    );
    app.get(
      "/alerts/:id",
      { schema: { summary: "An alert, with who was told", tags, params: byId, response: { 200: AlertDetail } } },
      async ({ params }) => alertDetail(db, directory, params.id),
    );
    app.post(
      "/alerts/:id/acknowledge",
      {
        schema: {
          summary: "Somebody knows of it: nobody else is told",
          tags,
          params: byId,
          body: AlertAcknowledgement,
          response: { 200: Alert },
        },
      },
      async (request) => book.acknowledge(request.params.id, request.body.note ?? "", sourceOf(request)),
    );
  };

function unitsOf(rules: readonly AlertRule[]): Record<string, string> {
  const units = rules.map(({ id, when }) => [
    id,
    when.on === "measurement" ? figureUnit(when.measurement, when.field, when.per) : "",
  ]);
  return Object.fromEntries(units.filter(([, unit]) => unit !== ""));
}

const setupRoutes =
  ({ db, setup }: AlertRoutesDeps): Routes =>
  async (app) => {
    app.get(
      "/alerts/setup",
      {
        config,
        schema: {
          summary: "Rules, receivers and windows, to be kept or taken to another house",
          description: "Secrets of webhooks, and browsers that have subscribed, are not among them.",
          tags,
          response: { 200: AlertSetup },
        },
      },
      async () => {
        const { rules, receivers, windows } = await setup.current(db);
        return { rules: [...rules], receivers: receivers.filter(isSetByPeople), windows: [...windows] };
      },
    );
    app.put(
      "/alerts/setup",
      {
        config,
        schema: {
          summary: "Replaces the lists that are given, all or none of it",
          tags,
          querystring: Type.Object({ dryRun: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
          body: AlertSetupChange,
          response: { 200: AlertSetupResult },
        },
      },
      async (request) => setup.replace(request.body, sourceOf(request), request.query.dryRun),
    );
    const lists: readonly [SetupList, string, TSchema][] = [
      ["rules", "a rule", AlertRule],
      ["windows", "a window", AlertWindow],
    ];
    for (const [list, what, body] of lists) {
      app.put(
        `/alerts/${list}/:id`,
        { config, schema: { summary: `Sets ${what}`, tags, params: byCode, body, response: { 200: body, 201: body } } },
        async (request, reply) => {
          const document = request.body as AlertRule | AlertWindow;
          sameId(request.params.id, document.id);
          const isNew = await setup.put(list, document, sourceOf(request));
          return reply.code(isNew ? 201 : 200).send(document);
        },
      );
    }
    for (const list of ["rules", "windows", "receivers"] as const)
      app.delete(
        `/alerts/${list}/:id`,
        { config, schema: { summary: `Removes one of the ${list}`, tags, params: byCode, response: { 204: Nothing } } },
        async (request, reply) => {
          await setup.remove(list, request.params.id, sourceOf(request));
          return reply.code(204).send(null);
        },
      );
  };

const receiverRoutes =
  ({ db, setup, wake, clock = systemClock }: AlertRoutesDeps): Routes =>
  async (app) => {
    app.put(
      "/alerts/receivers/:id",
      {
        config,
        schema: {
          summary: "Sets a receiver; a new webhook's secret is told once",
          tags,
          params: byCode,
          body: AlertReceiver,
          response: { 200: AlertReceiverAnswer, 201: AlertReceiverAnswer },
        },
      },
      async (request, reply) => {
        const receiver = request.body;
        sameId(request.params.id, receiver.id);
        const isNew = await setup.put("receivers", receiver, sourceOf(request));
        const secret = isNew && receiver.by.kind === "webhook" ? { secret: await secretOf(db, receiver.id) } : {};
        return reply.code(isNew ? 201 : 200).send({ receiver, ...secret });
      },
    );
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
          response: { 202: Nothing },
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

function sameId(id: string, other: string): void {
  if (id !== other) throw E.ALERT_ID_DIFFERS({ id, other });
}
