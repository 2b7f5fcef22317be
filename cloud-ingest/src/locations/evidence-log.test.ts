import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { schema } from "../schema.js";
import { createEvidenceLog, type EvidenceBody } from "./evidence-log.js";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase(schema);
});
afterAll(() => test.close());

const shelf = { readPoint: randomUUID(), place: randomUUID(), zone: { place: randomUUID(), watched: true } };
const name = { item: randomUUID(), tag: 7, at: 1_790_000_000_000, agent: "north", epoch: "e".repeat(32), seq: 3 };
const bodies: EvidenceBody[] = [
  { ...name, fact: { kind: "present", ...shelf, seenAt: 1_790_000_000_123, rounds: 9, reads: 4, rssi: -61.5 } },
  { ...name, fact: { kind: "gone", ...shelf, zone: null, spot: [3, -4] }, withdrawn: true },
];

it("evidence is read from the database as it was appended, and that of the release before as it is", async () => {
  await test.db.transaction((tx) => createEvidenceLog().append(tx, 0, bodies));
  await test.db.query("UPDATE evidence_head SET pos = pos + 1 WHERE partition = 0");
  const older = { ...bodies[0], type: "seen", readPoint: "shelf", observedAt: 1_790_000_000_200 };
  await test.db.query(
    "INSERT INTO evidence (partition, pos, recorded_at, body) SELECT 0, 3, recorded_at, $1 FROM evidence WHERE pos = 2",
    [JSON.stringify(older)],
  );
  const read = await createEvidenceLog().read(test.db, 0, 0, 10);
  expect(read.map(({ pos, body }) => [pos, body])).toEqual([...bodies, older].map((body, index) => [index + 1, body]));
});
