import type { Migration } from "../database/index.js";

export const migrations: Migration[] = [
  {
    id: "0110-access",
    sql: `
      create table app_user (
        id uuid primary key,
        username text not null,
        role text not null check (role in ('administrator', 'viewer')),
        password_hash text not null,
        -- Hash of the password that was last taken over from the administrator's password file.
        file_hash text,
        disabled boolean not null default false,
        created_at timestamptz not null,
        signed_in_at timestamptz
      );
      create unique index app_user_username on app_user (lower(username));

      create table session (
        -- SHA-256 of the token: who reads the table cannot use it.
        token_hash bytea primary key,
        app_user uuid not null references app_user,
        created_at timestamptz not null,
        idle_until timestamptz not null,
        ends_at timestamptz not null
      );
      create index session_of_user on session (app_user);
      create index session_by_end on session (ends_at);
    `,
  },
];
