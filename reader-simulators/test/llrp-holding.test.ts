import { type LlrpMessage, NotificationEventType } from "@storeward/codecs/llrp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BenchReader, EPCS, reportSpec, roSpec } from "./bench-reader.js";
import { LlrpClient } from "./llrp-client.js";

const CAPACITY = 100;
let bench: BenchReader;
let client: LlrpClient;
beforeEach(async () => {
  bench = await new BenchReader({ antennas: 1, reportCapacity: CAPACITY }).start();
  bench.tags.set(1, [EPCS[0]!]);
  client = await bench.client();
});
afterEach(() => bench.stop());

const setUp = async (hold: boolean) => {
  await client.ask(
    {
      type: "SET_READER_CONFIG",
      ResetToFactoryDefault: false,
      EventsAndReports: { HoldEventsAndReportsUponReconnect: hold },
      ReaderEventNotificationSpec: {
        EventNotificationState: [
          { EventType: NotificationEventType.Report_Buffer_Fill_Warning, NotificationState: true },
        ],
      },
    },
    "SET_READER_CONFIG_RESPONSE",
  );
  await client.ask({ type: "ADD_ROSPEC", ROSpec: roSpec({ ROReportSpec: reportSpec(1, 1) }) }, "ADD_ROSPEC_RESPONSE");
  await client.ask({ type: "ENABLE_ROSPEC", ROSpecID: 1 }, "ENABLE_ROSPEC_RESPONSE");
};
const leave = async () => {
  client.end();
  await expect.poll(() => bench.reader.status().connected).toBe(false);
};
const firstSeen = (messages: readonly LlrpMessage[]) =>
  messages.flatMap((message) =>
    message.type === "RO_ACCESS_REPORT"
      ? (message.TagReportData ?? []).map((tag) =>
          Number((tag.FirstSeenTimestampUTC!.Microseconds - 1_000_000_000n) / 1000n),
        )
      : [],
  );
const steps = (from: number, to: number) => Array.from({ length: (to - from) / 50 }, (_, index) => from + index * 50);

describe("reports while nobody is connected", () => {
  it("are gone without hold", async () => {
    await setUp(false);
    bench.pass(100);
    await leave();
    bench.pass(1000);
    client = await bench.client();
    bench.pass(100);
    await client.settle();
    expect(firstSeen(client.received)).toEqual([1100, 1150]);
  });

  it("are kept with hold, and come in order when they are enabled, nothing before", async () => {
    await setUp(true);
    await leave();
    bench.pass(500);
    client = await bench.client();
    bench.pass(200);
    await client.settle();
    expect(client.received).toEqual([]);
    client.send({ type: "ENABLE_EVENTS_AND_REPORTS" });
    await client.settle();
    bench.pass(50);
    await client.settle();
    expect(firstSeen(client.received)).toEqual(steps(0, 750));
  });

  it("can be asked for while they are held", async () => {
    await setUp(true);
    await leave();
    bench.pass(150);
    client = await bench.client();
    client.send({ type: "GET_REPORT" });
    await client.settle();
    expect(firstSeen(client.received)).toEqual([0, 50, 100]);
  });

  it("that are too many are lost from some moment on, and the reader says so: warned, then overflown", async () => {
    await setUp(true);
    await leave();
    bench.pass(CAPACITY * 50 + 1000);
    client = await bench.client();
    client.send({ type: "ENABLE_EVENTS_AND_REPORTS" });
    await client.settle();
    const events = client.received.filter((message) => message.type === "READER_EVENT_NOTIFICATION");
    expect(events.map(({ ReaderEventNotificationData: { UTCTimestamp: _, ...event } }) => event)).toEqual([
      { ReportBufferLevelWarningEvent: { ReportBufferPercentageFull: 75 } },
      { ReportBufferOverflowErrorEvent: {} },
    ]);
    expect(firstSeen(client.received)).toEqual(steps(0, CAPACITY * 50));
    expect(bench.reader.status().lost).toEqual({ tags: 20, events: 0 });
    bench.pass(50);
    expect((await client.take("RO_ACCESS_REPORT")).TagReportData?.length).toBe(1);
  });
});

describe("a client that does not read", () => {
  it("costs bounded memory, is warned, and gets on with what was kept", async () => {
    const slow = await new BenchReader({ antennas: 1, reportCapacity: 2000 }).start();
    slow.tags.set(
      1,
      Array.from({ length: 400 }, (_, index) => index.toString(16).toUpperCase().padStart(124, "0")),
    );
    const reader = await LlrpClient.open(slow.tcpPort);
    await reader.ask(
      { type: "ADD_ROSPEC", ROSpec: roSpec({ ROReportSpec: reportSpec(1, 400) }) },
      "ADD_ROSPEC_RESPONSE",
    );
    await reader.ask({ type: "ENABLE_ROSPEC", ROSpecID: 1 }, "ENABLE_ROSPEC_RESPONSE");
    reader.socket.pause();
    const waiting = () => Number(slow.reader.status().waiting);
    for (let second = 0; second < 60 && waiting() < 1500; second++) {
      slow.pass(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    slow.pass(1000);
    expect(waiting()).toBeGreaterThan(1500);
    expect(waiting()).toBeLessThanOrEqual(2000);
    reader.socket.resume();
    await expect.poll(() => slow.reader.status().waiting).toBe(0);
    await reader.settle();
    reader.end();
    await slow.stop();
  });
});
