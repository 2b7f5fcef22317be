import type { Migration } from "../database/index.js";

/*
 * The EPC stands in `tag` and nowhere else: journal, assignments and audit name the tag by its number, so that erasing it there erases it.
 * Assignments are bitemporal: valid is when the tag was on the item, recorded is when we believed so; a correction closes the record and
 * adds another.
 */
export const migrations: Migration[] = [
  {
    id: "0050-tags",
    sql: `
      create table tag (
        number bigint generated always as identity primary key,
        -- Null: erased.
        epc text collate "C" unique,
        pc text,
        tid text,
        -- A badge or a wristband: no thing that an item could be.
        person boolean not null,
        first_met_at timestamptz not null default now()
      );

      create table tag_assignment (
        id uuid primary key,
        tag bigint not null references tag,
        item uuid not null,
        valid_from timestamptz not null,
        valid_to timestamptz check (valid_to > valid_from),
        recorded_from timestamptz not null default now(),
        recorded_to timestamptz,
        bound_by text not null,
        constraint tag_on_one_item exclude using gist (
          int8range(tag, tag, '[]') with &&, tstzrange(valid_from, valid_to) with &&
        ) where (recorded_to is null)
      );
      create index tag_assignment_tag on tag_assignment (tag) where recorded_to is null;
      create index tag_assignment_item on tag_assignment (item) where recorded_to is null;

      create view current_tag as
        select a.item, a.tag, t.epc, a.valid_from from tag_assignment a join tag t on t.number = a.tag
        -- Nothing begins or ends in the future.
        where a.recorded_to is null and a.valid_to is null;

      create table unknown_tag (
        tag bigint primary key references tag,
        first_seen_at timestamptz not null,
        last_seen_at timestamptz not null,
        read_point text not null,
        observations bigint not null
      );
      create index unknown_tag_last on unknown_tag (last_seen_at desc, tag desc);
    `,
  },
  {
    id: "0232-tag-acts",
    sql: `
      -- Every act in the order in which it was done, also those of sources that could not be: what is done again when one was done at another time.
      create table tag_act (
        id bigint generated always as identity primary key,
        act text not null check (act in ('bind', 'replace', 'retire')),
        tag bigint not null references tag,
        item uuid not null,
        at timestamptz not null,
        actor text not null,
        recorded_at timestamptz not null default now(),
        -- The row of a source's journal; null: done by the API at once.
        agent text,
        epoch text,
        seq int8,
        refused boolean not null default false
      );
      create unique index tag_act_of on tag_act (agent, epoch, seq) where agent is not null;
      create index tag_act_tag on tag_act (tag);
      create index tag_act_item on tag_act (item);

      -- The acts by which an assignment is known, and is known no longer; of earlier releases they are not known.
      alter table tag_assignment add column made_by bigint, add column ended_by bigint;
      create index tag_assignment_made_by on tag_assignment (made_by) where made_by is not null;
      create index tag_assignment_ended_by on tag_assignment (ended_by) where ended_by is not null;
    `,
  },
];
