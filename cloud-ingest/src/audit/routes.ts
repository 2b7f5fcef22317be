import { type AuditLine, AuditPage, AuditQuery } from "@storeward/contracts";
import { Type } from "typebox";
import type { Sql } from "../database/index.js";
import { cursorReader, encodeCursor, type Routes } from "../http/index.js";

const readCursor = cursorReader(Type.Tuple([Type.Integer({ minimum: 1 })]));

type Row = Omit<AuditLine, "at"> & { readonly at: Date };

/** `GET /audit`: the latest first. */
export const routes =
  ({ sql }: { readonly sql: Sql }): Routes =>
  async (app) => {
    const schema = { summary: "Who did what", tags: ["audit"], querystring: AuditQuery, response: { 200: AuditPage } };
    app.get("/audit", { config: { role: "administrator" }, schema }, async ({ query }) => {
      const { actor = null, action = null, subject = null, from = null, to = null, limit = 100, cursor } = query;
      const [before] = readCursor(cursor) ?? [null];
      const rows = await sql.query<Row>(
        `select pos, at, actor, action, subject, detail, ip, request_id as "requestId" from audit_entry
         where ($1::bigint is null or pos < $1)
           and ($2::text is null or lower(actor) = lower($2))
           and ($3::text is null or action = $3 or starts_with(action, $3 || '.'))
           and ($4::text is null or subject = $4)
           and ($5::timestamptz is null or at >= $5)
           and ($6::timestamptz is null or at < $6)
         order by pos desc limit $7`,
        [before, actor, action, subject, from, to, limit + 1],
      );
      const lines = rows.slice(0, limit).map((row) => ({ ...row, at: row.at.toISOString() }));
      return { lines, next: rows.length > limit ? encodeCursor([lines.at(-1)?.pos]) : null };
    });
  };
