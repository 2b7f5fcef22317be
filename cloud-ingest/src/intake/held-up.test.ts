import { type Ack, encodeUpward, partitionOf } from "@storeward/contracts";
import { createLogger, GENESIS_CHAIN, nextChain, randomHex } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { PooledDatabase } from "../database/pool.js";
import { SHORT_LIMITS, type TestDatabase, testDatabase } from "../database/testing.js";
import { Journal, migrations as journalMigrations } from "../journal/index.js";
import { Intake, migrations } from "./index.js";

const log = createLogger("test", { level: "silent" });
const instant = { boot: "b".repeat(32), mono: 1, wall: "2026-03-01T08:00:00.000Z" };
/** Sends one row a batch; hears what it is answered. */
class Agent {
  readonly name: string;
  readonly acks: Ack[] = [];
  readonly #intake: Intake;
  readonly #epoch = randomHex(16);
  readonly #session = randomHex(16);
  readonly #chains = [GENESIS_CHAIN];
  readonly #bodies: string[] = [];

  constructor(name: string, intake: Intake) {
    this.name = name;
    this.#intake = intake;
  }

  send(seq: number): void {
    for (let n = this.#bodies.length + 1; n <= seq; n++) {
      const body = JSON.stringify({ type: "input", at: instant, config: 1, reader: "r1", port: n, high: true });
      this.#bodies.push(body);
      this.#chains.push(nextChain(this.#chains[n - 1] ?? "", n, body));
    }
    const { name: agent } = this;
    const prev = this.#chains[seq - 1] ?? "";
    const session = this.#session;
    const place = { epoch: this.#epoch, first: seq, last: seq, prev, lost: [] };
    const bodies = [this.#bodies[seq - 1] ?? ""];
    const text = encodeUpward({ v: 1, kind: "batch", agent, session, through: instant, ...place }, bodies);
    this.#intake.receive(agent, Buffer.from(text));
  }

  async committed(seq: number): Promise<void> {
    const said = () => expect(this.acks.at(-1)?.committed).toBe(seq);
    await vi.waitFor(said, { timeout: 40_000, interval: 5 });
  }
}

describe("intake", () => {
  let test: TestDatabase;
  let db: PooledDatabase;
  beforeAll(async () => {
    test = await testDatabase([...journalMigrations, ...migrations]);
    db = new PooledDatabase(test.connection, { max: 8, applicationName: "limited", limits: SHORT_LIMITS });
  });
  afterAll(async () => {
    await db.close();
    await test.close();
  });

  it("takes in what others send while another session of the database holds the lock of one agent, whose turn comes when it sends again", async () => {
    const agents = new Map<string, Agent>();
    const send = (agent: string, text: string) => void agents.get(agent)?.acks.push(JSON.parse(text));
    const tags = { numbers: async () => new Map() };
    const intake = new Intake({ db, journal: new Journal(), tags, log, ledger: "1".repeat(32), send });
    await intake.start();
    // Of one partition, so that they share a turn.
    const names = Array.from({ length: 1_000 }, (_, n) => `agent-${n}`);
    const [first = "", other = ""] = names.filter((name) => partitionOf(name) === partitionOf("agent-0"));
    const [held, free] = [first, other].map((name) => new Agent(name, intake)) as [Agent, Agent];
    for (const agent of [held, free]) agents.set(agent.name, agent);
    held.send(1);
    await held.committed(1);
    await test.db.transaction(async (tx) => {
      await tx.query("SELECT FROM intake_cursor WHERE agent = $1 FOR UPDATE", [held.name]);
      held.send(2);
      // They wait together while that is tried.
      held.send(3);
      free.send(1);
      await free.committed(1);
      expect(held.acks).toHaveLength(1);
      await intake.finish([partitionOf(held.name)]);
    });
    // By itself it might wait for a minute: it is told where its journal stands.
    await vi.waitFor(() => expect(held.acks).toHaveLength(2), { timeout: 40_000, interval: 5 });
    await held.committed(1);
    held.send(2);
    await held.committed(2);
    const rows = await test.db.query("SELECT agent, seq FROM journal ORDER BY agent, seq");
    const expected = [held, held, free].map(({ name }, n) => ({ agent: name, seq: [1, 2, 1][n] }));
    expect(rows).toEqual(expected.sort((a, b) => (a.agent < b.agent ? -1 : 1)));
    await intake.stop();
  });
});
