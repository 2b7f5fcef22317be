import {
  QuarantinedBody,
  QuarantinePage,
  QuarantineQuery,
  QuarantineRef,
  RetakeResult,
  Setbacks,
} from "@storeward/contracts";
import { defineErrors } from "@storeward/runtime";
import { Type } from "typebox";
import { audit } from "../audit/index.js";
import type { Database } from "../database/index.js";
import { cursorReader, encodeCursor, type Routes, sourceOf } from "../http/index.js";
import { type QuarantinedRow, quarantined, quarantinedRow, quarantineReasons, type Retaken } from "../intake/index.js";
import { askRetry, parkedGroups } from "../journal/index.js";

const E = defineErrors({ NOT_IN_QUARANTINE: { template: "No such row is in quarantine", status: 404 } });

const readCursor = cursorReader(Type.Tuple([Type.String(), Type.String(), Type.Integer()]));

export interface SetbackRoutesDeps {
  readonly db: Database;
  readonly retake: (agent: string | undefined) => Promise<Retaken>;
}

/** `/setbacks`, `/quarantine` and `/parked`: what was put aside, and taking it in again. */
export const routes =
  ({ db, retake }: SetbackRoutesDeps): Routes =>
  async (app) => {
    const tags = ["setbacks"];
    const config = { role: "administrator" } as const;

    app.get(
      "/setbacks",
      { schema: { summary: "What was put aside, by agent, follower and reason", tags, response: { 200: Setbacks } } },
      async () => {
        const [quarantine, parked] = await Promise.all([quarantineReasons(db), parkedGroups(db)]);
        const dated = <T extends { first: Date; last: Date }>({ first, last, ...rest }: T) => ({
          ...rest,
          first: first.toISOString(),
          last: last.toISOString(),
        });
        return { quarantine: quarantine.map(dated), parked: parked.map(dated) };
      },
    );
    app.get(
      "/quarantine",
      {
        config,
        schema: {
          summary: "Observations that could not be understood",
          tags,
          querystring: QuarantineQuery,
          response: { 200: QuarantinePage },
        },
      },
      async ({ query: { agent, limit = 50, cursor, retaken } }) => {
        const at = readCursor(cursor);
        const after = at && { agent: at[0], epoch: at[1], seq: at[2] };
        const found = await quarantined(db, { agent, retaken, after, limit: limit + 1 });
        const rows = found.slice(0, limit);
        const end = rows.at(-1);
        const next = found.length > limit && end !== undefined ? encodeCursor([end.agent, end.epoch, end.seq]) : null;
        return { rows: rows.map(shown), next };
      },
    );
    app.get(
      "/quarantine/:agent/:epoch/:seq",
      {
        config,
        schema: {
          summary: "One of them, with its bytes",
          tags,
          params: QuarantineRef,
          response: { 200: QuarantinedBody },
        },
      },
      async ({ params }) => {
        const row = await quarantinedRow(db, params);
        if (row === undefined) throw E.NOT_IN_QUARANTINE();
        return { ...shown(row), body: row.body.toString("base64") };
      },
    );
    app.post(
      "/quarantine/retake",
      {
        config,
        schema: {
          summary: "Takes in what this release understands",
          tags,
          body: Type.Object({ agent: Type.Optional(Type.String({ maxLength: 40 })) }, { additionalProperties: false }),
          response: { 200: RetakeResult },
        },
      },
      async (request) => {
        const { agent } = request.body;
        const result = await retake(agent);
        await audit(db, {
          ...sourceOf(request),
          action: "quarantine.retaken",
          subject: agent ?? "all agents",
          detail: { ...result },
        });
        return result;
      },
    );
    app.post(
      "/parked/retry",
      {
        config,
        schema: {
          summary: "Asks for rows that followers have put aside to be tried again, within seconds",
          tags,
          body: Type.Object(
            { follower: Type.Optional(Type.String({ maxLength: 60 })) },
            { additionalProperties: false },
          ),
          response: { 202: Type.Object({ asked: Type.Integer({ minimum: 0 }) }) },
        },
      },
      async (request, reply) => {
        const { follower } = request.body;
        const asked = await askRetry(db, follower);
        const subject = follower ?? "all followers";
        await audit(db, { ...sourceOf(request), action: "parked.retried", subject, detail: { asked } });
        return reply.code(202).send({ asked });
      },
    );
  };

function shown({ agent, epoch, seq, error, recordedAt, bytes, retakenAt }: QuarantinedRow) {
  const at = { recordedAt: recordedAt.toISOString(), retakenAt: retakenAt?.toISOString() ?? null };
  return { agent, epoch, seq, error, bytes, ...at };
}
