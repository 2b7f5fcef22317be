import type { Migration } from "../database/index.js";

export const migrations: Migration[] = [
  {
    id: "0060-catalog",
    sql: `
      create table item (
        id uuid primary key,
        name text not null,
        kind text not null,
        -- As they are compared and sorted: see words.ts.
        name_key text collate "C" not null,
        kind_key text collate "C" not null,
        gtin text,
        giai text unique,
        serial text,
        home_place uuid references place,
        -- What a search looks in, besides the EPCs, which stand in the table of tags alone.
        words tsvector not null,
        created_at timestamptz not null default now(),
        changed_at timestamptz not null default now()
      );
      create unique index item_gtin_serial on item (gtin, serial);
      create index item_words on item using gin (words);
      create index item_by_name on item (name_key, id);
      create index item_by_kind on item (kind_key, name_key, id);
    `,
  },
  {
    id: "0176-kind-rule",
    sql: `
      -- Where things of a kind may be and where they belong; an item's own home place goes before the kind's.
      create table kind_rule (
        kind_key text collate "C" primary key,
        kind text not null,
        allowed_places uuid[] not null,
        home_places uuid[] not null,
        wrong_place_after int4 not null,
        missing_after int4 not null,
        changed_at timestamptz not null default now()
      );
    `,
  },
  {
    id: "0228-item-version",
    sql: `
      -- What books are kept by, as it was at any time: what is counted of the past is counted by what a thing was then. The first holds since ever.
      create table item_version (
        item uuid not null references item,
        valid_from timestamptz not null,
        kind text not null,
        home_place uuid references place,
        primary key (item, valid_from)
      );
      insert into item_version select id, '-infinity', kind, home_place from item;
    `,
  },
];
