import { GENESIS_CHAIN, ManualClock, nextChain, randomHex } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { Journal, migrations as journalMigrations } from "../journal/index.js";
import { commitPieces } from "./commit.js";
import { migrations } from "./index.js";
import type { Piece } from "./sequence.js";
import { type Submission, submissionOf } from "./submission.js";

const boot = "b".repeat(32);
const at = { boot, mono: 1, wall: "2026-03-01T08:00:00.000Z" };
const clock = new ManualClock();
const tags = { numbers: async () => new Map<string, number>() };
let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase([...journalMigrations, ...migrations]);
});
afterAll(() => test.close());

const bodyOf = (seq: number): Buffer =>
  Buffer.from(JSON.stringify({ type: "input", at, config: 1, reader: "r", port: seq, high: true }));

function piece(epoch: string, first: number, last: number, prev: string): Piece {
  const seqs = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return { epoch, first, last, prev, entries: seqs.map((seq) => ({ kind: "row", seq, body: bodyOf(seq) })) };
}

describe("a batch", () => {
  it("is read when it is appended, and only then", async () => {
    const epoch = randomHex(16);
    const chains = [GENESIS_CHAIN];
    for (let seq = 1; seq <= 9; seq++) chains.push(nextChain(chains.at(-1) ?? "", seq, bodyOf(seq)));
    let reads = 0;
    const counted = (first: number, last: number, prev = chains[first - 1] ?? ""): Submission => {
      const submission = submissionOf("agent", piece(epoch, first, last, prev));
      let content: ReturnType<Submission["content"]> | undefined;
      const read = () => {
        reads++;
        return submission.content();
      };
      return { ...submission, content: () => (content ??= read()) };
    };
    const wrong = "f".repeat(16);
    const batches = [counted(1, 3), counted(1, 3), counted(7, 9), counted(4, 6, wrong), counted(4, 6), counted(2, 5)];
    const committed = await commitPieces({ db: test.db, journal: new Journal({ clock }), tags, clock }, batches);
    expect(committed.map(({ outcome }) => outcome)).toEqual([
      "appended",
      "duplicate",
      "gap",
      "fork",
      "appended",
      "duplicate",
    ]);
    expect(committed.at(-1)?.cursor).toMatchObject({ committed: 6, chain: chains[6] });
    expect(reads).toBe(2);
  });
});
