import type { Migration } from "../database/index.js";

export const migrations: Migration[] = [
  {
    id: "0245-sources",
    sql: `
      create table journal_source (
        id text primary key,
        name text not null,
        registered_at timestamptz not null,
        registered_by text not null,
        heard_at timestamptz,
        forked_at timestamptz
      );

      -- Acts of sources that could not be done. The EPC stands in tag and nowhere else: the reason has {epc} in its place.
      create table refused_act (
        source text not null references journal_source,
        epoch text not null,
        seq int8 not null,
        act text not null,
        tag bigint not null references tag,
        item uuid not null,
        observed_at timestamptz not null,
        recorded_at timestamptz not null,
        actor text not null,
        context jsonb,
        code text not null,
        reason text not null,
        settled_at timestamptz,
        settled_by text,
        settlement text check (settlement in ('done', 'dismissed')),
        primary key (source, epoch, seq)
      );
      create index refused_act_open on refused_act (recorded_at) where settled_at is null;
    `,
  },
];
