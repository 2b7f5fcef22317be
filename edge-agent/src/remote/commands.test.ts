import type { Command, CommandAnswer } from "@storeward/contracts";
import { createLogger, isoMs } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import { Pen } from "../../test/pen.js";
import { Commands } from "./commands.js";
import { LogRing } from "./log-ring.js";

const log = createLogger("test", { level: "silent" });
const pen = new Pen();
const NOW = Date.UTC(2026, 2, 1);
const idOf = (n: number): string => n.toString(16).padStart(32, "0");
const document = (n: number, more: object = {}) => ({
  v: 1,
  agent: "agent-1",
  id: idOf(n),
  issued: isoMs(NOW),
  expires: isoMs(NOW + 60_000),
  command: { do: "send-logs", lines: 3 } satisfies Command,
  ...more,
});

function made(
  perform: (command: Command) => Promise<Omit<CommandAnswer, "id" | "ok">> = async () => ({ text: "done" }),
) {
  const done: Command[] = [];
  const commands = new Commands({
    agent: "agent-1",
    key: pen.known,
    perform: async (command) => {
      done.push(command);
      return perform(command);
    },
    utc: () => NOW,
    onAnswer: () => undefined,
    log,
  });
  const receive = async (...payloads: Buffer[]) => {
    for (const payload of payloads) commands.receive(payload);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { commands, done, receive };
}

describe("a command", () => {
  it("is done once, however often it comes, and answered until the answer is out", async () => {
    const { commands, done, receive } = made();
    const payload = pen.sign("command", document(1));
    await receive(payload, payload);
    await receive(payload);
    expect(done).toHaveLength(1);
    const answers = commands.answers();
    expect(answers).toEqual([{ id: idOf(1), ok: true, text: "done" }]);
    commands.sent(answers);
    expect(commands.answers()).toEqual([]);
  });

  it("that is forged, or for another, is not done and not answered", async () => {
    const { commands, done, receive } = made();
    await receive(
      new Pen().sign("command", document(1)),
      pen.sign("command", document(2), "config"),
      pen.sign("command", document(3, { agent: "other" })),
      pen.sign("command", document(4, { command: { do: "format-disk" } })),
      Buffer.from("rubbish"),
    );
    expect([done, commands.answers()]).toEqual([[], []]);
  });

  it("that came too late, or failed, is answered with the reason", async () => {
    const { commands, done, receive } = made(async () => {
      throw new Error("the cable is out");
    });
    await receive(pen.sign("command", document(1, { expires: isoMs(NOW - 1) })), pen.sign("command", document(2)));
    expect(done).toHaveLength(1);
    expect(commands.answers()).toMatchObject([
      { id: idOf(1), ok: false, text: expect.stringContaining("later than that") },
      { id: idOf(2), ok: false, text: "the cable is out" },
    ]);
  });

  it("answers in portions that a packet carries, in order, until all are out", async () => {
    const lines = Array.from({ length: 60 }, () => "x".repeat(1_000));
    const { commands, receive } = made(async () => ({ text: "60 lines", lines }));
    for (const n of [1, 2, 3, 4, 5]) await receive(pen.sign("command", document(n)));
    await commands.stop();
    const portions: string[][] = [];
    for (let next = commands.answers(); next.length > 0; next = commands.answers()) {
      expect(JSON.stringify(next).length).toBeLessThan(200 * 1024);
      portions.push(next.map(({ id }) => id));
      commands.sent(next);
    }
    expect(portions.length).toBeGreaterThan(1);
    expect(portions.flat()).toEqual([1, 2, 3, 4, 5].map(idOf));
  });

  it("of many at once waits for those before it, up to a bound; answers are bounded too", async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { commands, done, receive } = made(async () => gate.then(() => ({ text: "done" })));
    await receive(...Array.from({ length: 20 }, (_, n) => pen.sign("command", document(n))));
    expect(done).toHaveLength(1);
    expect(commands.answers()).toHaveLength(8);
    expect(commands.answers().every(({ ok }) => !ok)).toBe(true);
    release();
    await commands.stop();
    expect(commands.answers().length).toBeLessThanOrEqual(8);
  });
});

describe("the last lines of the log", () => {
  it("are bounded, the oldest go first, and hold no secret", () => {
    const ring = new LogRing(["s3cret", ""]);
    for (let n = 0; n < 5_000; n++) ring.add(`{"n":${n},"password":"s3cret","text":"${"x".repeat(500)}"}\n`);
    const lines = ring.last(200);
    expect(lines.at(-1)).toMatch(/^\{"n":4999,"password":"\*\*\*"/);
    expect(Buffer.byteLength(lines.join(""))).toBeLessThanOrEqual(64 * 1024);
    expect(lines.join("")).not.toContain("s3cret");
    expect(new LogRing([]).last(5)).toEqual([]);
    ring.add("y".repeat(1e6));
    expect(ring.last(1)[0]?.length).toBe(2_000);
  });
});
