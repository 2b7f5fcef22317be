import { expect, it } from "vitest";
import { testDatabase } from "./database/testing.js";
import { schema } from "./schema.js";
import { letGo, retakeAll } from "./setback-commands.js";
import { NOW, Phone } from "./sources/testing.js";

it("what a phone has done, and no release before understood, is done when the command takes it in", async () => {
  const { db, close } = await testDatabase(schema);
  const item = "0198c0de-0000-7000-8000-000000000001";
  const epc = "3034257BF400B714000000A1";
  await db.query(
    "insert into item (id, name, kind, name_key, kind_key, words) values ($1, 'Pump 1', 'Pump', 'pump 1', 'pump', '')",
    [item],
  );
  const phone = (await Phone.registered(db)).done({ act: "bind", item, epc });
  await db.query(
    "insert into intake_cursor (agent, epoch, committed, chain, quarantined, created_at) values ($1, $2, 1, '', 1, $3)",
    [phone.id, phone.epoch, new Date(NOW)],
  );
  await db.query(
    `insert into quarantine (agent, epoch, seq, body, error, recorded_at)
     select $1, $2, n, convert_to(b, 'UTF8'), 'unknown', $3 from unnest($4::text[]) with ordinality as r(b, n)`,
    [phone.id, phone.epoch, new Date(NOW), phone.bodies],
  );
  expect(await retakeAll(db)).toEqual({ taken: 1, left: 0 });
  const bound = "select a.item, t.epc from tag_assignment a join tag t on t.number = a.tag where a.recorded_to is null";
  expect(await db.query(bound)).toEqual([{ item, epc }]);
  expect(await db.query("select from journal where type = 'act'")).toHaveLength(1);
  await close();
});

it("what a follower has put aside is let go for good, of that one alone, and the audit log says why it had", async () => {
  const { db, close } = await testDatabase(schema);
  await db.query(
    "insert into parked_row (follower, partition, pos, error) values ('evidence', 1, 5, 'odd'), ('evidence', 2, 7, 'odd'), ('series', 1, 5, 'odd')",
  );
  expect(await letGo(db, "evidence")).toBe(2);
  expect(await db.query("select follower, pos from parked_row")).toEqual([{ follower: "series", pos: 5 }]);
  expect(await db.query("select subject, detail from audit_entry where action = 'parked.given-up'")).toEqual([
    { subject: "evidence", detail: { given: 2, errors: ["odd"] } },
  ]);
  expect(await letGo(db, "evidence")).toBe(0);
  await close();
});
