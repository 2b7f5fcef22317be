import type { Migration } from "../database/types.js";

/*
 * Versions are open-ended (`valid_to` null) while they hold. The first version of a place or read point holds since ever, so that what an
 * agent observed before the cloud heard of the read point has a place too.
 */
export const migrations: Migration[] = [
  {
    id: "0040-places",
    sql: `
      create table site (
        code text primary key,
        name text not null,
        time_zone text not null,
        locale text not null,
        day_starts text not null
      );

      create table place (
        id uuid primary key,
        code text not null unique,
        site text not null references site,
        created_at timestamptz not null default now(),
        closed_at timestamptz
      );
      create table place_version (
        place uuid not null references place,
        valid_from timestamptz not null,
        valid_to timestamptz check (valid_to >= valid_from),
        name text not null,
        type text not null,
        parent uuid references place,
        outline jsonb,
        position jsonb,
        neighbours uuid[] not null,
        gln text,
        gln_extension text,
        primary key (place, valid_from)
      );
      create unique index place_version_open on place_version (place) where valid_to is null;

      create table read_point_version (
        read_point text not null,
        valid_from timestamptz not null,
        valid_to timestamptz check (valid_to >= valid_from),
        site text not null references site,
        role text not null check (role in ('shelf', 'portal')),
        place uuid references place,
        inside uuid references place,
        outside uuid references place,
        definition jsonb not null,
        primary key (read_point, valid_from),
        check (case role when 'shelf' then place is not null else inside is not null and outside is not null end)
      );
      create unique index read_point_version_open on read_point_version (read_point) where valid_to is null;
    `,
  },
];
