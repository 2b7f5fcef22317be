import { AlertReceiver, AlertReceiverAnswer, AlertRule, AlertWindow, Code } from "@storeward/contracts";
import { type TSchema, Type } from "typebox";
import type { Database } from "../../database/index.js";
import { entityTag, Preconditions, preconditionOf, type Routes, sourceOf } from "../../http/index.js";
import { E } from "../errors.js";
import { isSetByPeople } from "../types.js";
import { LISTS, type SetupDocument, type SetupList, type SetupStore, secretOf } from "./setup-store.js";

interface DocumentRoutesDeps {
  readonly db: Database;
  readonly setup: SetupStore;
}

const tags = ["alerts"];
const config = { role: "administrator" } as const;
const byCode = Type.Object({ id: Code });

const SCHEMAS: readonly { readonly list: SetupList; readonly document: TSchema; readonly answer: TSchema }[] = [
  { list: "rules", document: AlertRule, answer: AlertRule },
  { list: "windows", document: AlertWindow, answer: AlertWindow },
  { list: "receivers", document: AlertReceiver, answer: AlertReceiverAnswer },
];

/**
 * `/alerts/{rules,receivers,windows}/{id}`: each is read with its ETag, and changed or removed by who names that only where nobody else has done so
 * meanwhile.
 */
export const documentRoutes =
  (deps: DocumentRoutesDeps): Routes =>
  async (app) => {
    const { setup } = deps;
    for (const { list, document, answer } of SCHEMAS) {
      const path = `/alerts/${list}/:id`;
      const kind = LISTS[list];
      app.get(
        path,
        { config, schema: { summary: `A ${kind} as it is set`, tags, params: byCode, response: { 200: document } } },
        async (request, reply) => {
          const found = await documentOf(deps, list, request.params.id);
          reply.header("etag", entityTag(found));
          return found;
        },
      );
      app.put(
        path,
        {
          config,
          schema: {
            summary: `Sets a ${kind}${list === "receivers" ? "; a new webhook's secret is told once" : ""}`,
            tags,
            params: byCode,
            headers: Preconditions,
            body: document,
            response: { 200: answer, 201: answer },
          },
        },
        async (request, reply) => {
          const wanted = request.body as SetupDocument;
          const { id } = request.params;
          if (id !== wanted.id) throw E.ALERT_ID_DIFFERS({ id, other: wanted.id });
          const isNew = await setup.put(list, wanted, sourceOf(request), preconditionOf(request.headers));
          reply.code(isNew ? 201 : 200).header("etag", entityTag(wanted));
          return answerTo(deps, wanted, isNew);
        },
      );
      app.delete(
        path,
        {
          config,
          schema: {
            summary: `Removes a ${kind}`,
            tags,
            params: byCode,
            headers: Preconditions,
            response: { 204: Type.Null({ description: "done" }) },
          },
        },
        async (request, reply) => {
          await setup.remove(list, request.params.id, sourceOf(request), preconditionOf(request.headers));
          return reply.code(204).send(null);
        },
      );
    }
  };

async function documentOf({ db, setup }: DocumentRoutesDeps, list: SetupList, id: string): Promise<SetupDocument> {
  const all: readonly SetupDocument[] = (await setup.current(db))[list];
  const found = all.find((one) => one.id === id);
  if (found === undefined || ("by" in found && !isSetByPeople(found)))
    throw E.ALERT_DOCUMENT_NOT_FOUND({ kind: LISTS[list], id });
  return found;
}

async function answerTo({ db }: DocumentRoutesDeps, document: SetupDocument, isNew: boolean): Promise<object> {
  if (!("by" in document)) return document;
  const isNewHook = isNew && document.by.kind === "webhook";
  return { receiver: document, ...(isNewHook ? { secret: await secretOf(db, document.id) } : {}) };
}
