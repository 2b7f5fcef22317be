import { AlertSetup, AlertSetupChange, AlertSetupResult } from "@storeward/contracts";
import { Type } from "typebox";
import type { Database } from "../../database/index.js";
import { entityTag, Preconditions, preconditionOf, type Routes, sourceOf } from "../../http/index.js";
import { type SetupStore, setByPeople } from "./setup-store.js";

const tags = ["alerts"];
const config = { role: "administrator" } as const;

/** `/alerts/setup`: all that people have set, to be kept or taken to another house. */
export const setupRoutes =
  ({ db, setup }: { readonly db: Database; readonly setup: SetupStore }): Routes =>
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
      async (_request, reply) => {
        const all = setByPeople(await setup.current(db));
        reply.header("etag", entityTag(all));
        return all;
      },
    );
    app.put(
      "/alerts/setup",
      {
        config,
        schema: {
          summary: "Replaces the lists that are given, all or none of it",
          tags,
          headers: Preconditions,
          querystring: Type.Object({ dryRun: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
          body: AlertSetupChange,
          response: { 200: AlertSetupResult },
        },
      },
      async (request) =>
        setup.replace(request.body, sourceOf(request), request.query.dryRun, preconditionOf(request.headers)),
    );
  };
