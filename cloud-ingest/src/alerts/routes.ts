import {
  Alert,
  AlertAcknowledgement,
  AlertCounts,
  AlertDetail,
  AlertPage,
  AlertQuery,
  type AlertRule,
  AlertRules,
  AlertStatus,
  figureUnit,
  Uuid,
} from "@storeward/contracts";
import { Type } from "typebox";
import { type Routes, sourceOf } from "../http/index.js";
import type { PlaceDirectory } from "../places/index.js";
import type { AlertBook } from "./alert-book.js";
import { type PushRoutesDeps, pushRoutes } from "./push-routes.js";
import { alertCounts, alertDetail, alertPage, alertStatus } from "./queries.js";
import { documentRoutes } from "./setup/document-routes.js";
import { type ReceiverRoutesDeps, receiverRoutes } from "./setup/receiver-routes.js";
import { setupRoutes } from "./setup/setup-routes.js";

export interface AlertRoutesDeps extends PushRoutesDeps, ReceiverRoutesDeps {
  readonly book: AlertBook;
  readonly directory: Pick<PlaceDirectory, "byId">;
  /** Whether a mail server is configured. */
  readonly mail: boolean;
}

const tags = ["alerts"];
const byId = Type.Object({ id: Uuid });

/** `/alerts`: what is open, and whoever is signed in may acknowledge it; what is watched and who is told is for administrators to set. */
export const routes =
  (deps: AlertRoutesDeps): Routes =>
  async (app) => {
    await app.register(alertRoutes(deps));
    await app.register(setupRoutes(deps));
    await app.register(documentRoutes(deps));
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
