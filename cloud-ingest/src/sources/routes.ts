import {
  JournalAnswer,
  MAX_PACKET_BYTES,
  NewSource,
  RefusedActList,
  RefusedActQuery,
  RefusedActRef,
  Source,
  SourceList,
} from "@storeward/contracts";
import { Type } from "typebox";
import { type Routes, sourceOf } from "../http/index.js";
import { dismiss, refusedActs, type SettleDeps, tryAgain } from "./refused.js";
import { register, sources } from "./source-book.js";
import type { SourceIntake } from "./source-intake.js";

const MANY = 200;
/** Lines, of which the first is an envelope. */
const LINES = "application/x-ndjson";

export interface SourceRoutesDeps extends SettleDeps {
  readonly intake: SourceIntake;
}

/** `/journal`, `/sources` and `/acts/refused`. */
export const routes =
  ({ intake, ...settling }: SourceRoutesDeps): Routes =>
  async (app) => {
    const { db } = settling;
    const tags = ["sources"];
    const config = { role: "administrator" } as const;
    app.addContentTypeParser(
      LINES,
      { parseAs: "buffer", bodyLimit: MAX_PACKET_BYTES },
      async (_: unknown, body: unknown) => body,
    );

    app.post(
      "/journal",
      {
        config,
        schema: {
          summary: "Takes in a source's journal",
          description:
            "A hello, a batch or an opaque as lines: the envelope that agents send by MQTT, then one row a line, byte for byte as it was hashed. Sent again, it counts once.",
          tags,
          consumes: [LINES],
          response: { 200: JournalAnswer },
        },
      },
      async (request) => intake.take(bytesOf(request.body), sourceOf(request)),
    );
    app.post(
      "/sources",
      {
        config,
        schema: {
          summary: "Gives a phone or another client an id for its journal",
          tags,
          body: NewSource,
          response: { 201: Source },
        },
      },
      async (request, reply) => {
        const source = await register(db, request.body.name, sourceOf(request));
        return reply.status(201).send(source);
      },
    );
    app.get(
      "/sources",
      {
        config,
        schema: { summary: "Phones and other clients that keep journals", tags, response: { 200: SourceList } },
      },
      async () => ({ sources: await sources(db) }),
    );
    app.get(
      "/acts/refused",
      {
        config,
        schema: {
          summary: "Acts of sources that could not be done and wait for a decision",
          tags,
          querystring: RefusedActQuery,
          response: { 200: RefusedActList },
        },
      },
      async ({ query: { source } }) => {
        const acts = await refusedActs(db, settling.items, { source, limit: MANY + 1 });
        return { acts: acts.slice(0, MANY), more: acts.length > MANY };
      },
    );
    app.post(
      "/acts/refused/:source/:epoch/:seq/again",
      {
        config,
        schema: {
          summary: "Tries it again, as of when it was done",
          tags,
          params: RefusedActRef,
          response: { 200: Type.Object({ done: Type.Boolean() }) },
        },
      },
      async (request) => ({ done: (await tryAgain(settling, request.params, sourceOf(request))) === undefined }),
    );
    app.post(
      "/acts/refused/:source/:epoch/:seq/dismiss",
      { config, schema: { summary: "Lets it be", tags, params: RefusedActRef, response: { 204: Type.Null() } } },
      async (request, reply) => {
        await dismiss(db, request.params, sourceOf(request));
        return reply.status(204).send(null);
      },
    );
  };

function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}
