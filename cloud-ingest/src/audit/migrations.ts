import type { Migration } from "../database/index.js";

export const migrations: Migration[] = [
  {
    id: "0120-audit",
    sql: `
      create table audit_entry (
        pos bigint generated always as identity primary key,
        at timestamptz not null default clock_timestamp(),
        actor text not null,
        action text not null,
        subject text not null,
        detail jsonb not null,
        ip text,
        request_id text
      );
      create index audit_entry_subject on audit_entry (subject, pos);

      create function audit_is_append_only() returns trigger language plpgsql as $$
      begin
        raise exception 'the audit is append-only: % refused', tg_op using errcode = 'insufficient_privilege';
      end $$;
      create trigger audit_entry_append_only before update or delete or truncate on audit_entry
        for each statement execute function audit_is_append_only();
    `,
  },
];
