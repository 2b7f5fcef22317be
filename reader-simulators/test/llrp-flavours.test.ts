import { NotificationEventType, StatusCode } from "@storeward/codecs/llrp";
import { afterEach, describe, expect, it } from "vitest";
import { BenchReader, EPCS, reportSpec, roSpec } from "./bench-reader.js";
import type { LlrpClient } from "./llrp-client.js";

let bench: BenchReader;
afterEach(() => bench.stop());

const LINK_MONITOR = { type: "ImpinjLinkMonitorConfiguration", LinkMonitorMode: 1, LinkDownThreshold: 2 } as const;
const FINE = {
  type: "ImpinjTagReportContentSelector",
  ImpinjEnablePeakRSSI: { PeakRSSIMode: 1 },
} as const;

const configure = (client: LlrpClient, more: object = {}) =>
  client.ask({ type: "SET_READER_CONFIG", ResetToFactoryDefault: false, ...more }, "SET_READER_CONFIG_RESPONSE");
const extend = (client: LlrpClient) =>
  client.ask({ type: "IMPINJ_ENABLE_EXTENSIONS" }, "IMPINJ_ENABLE_EXTENSIONS_RESPONSE");
const run = async (client: LlrpClient, spec = roSpec()) => {
  const { LLRPStatus } = await client.ask({ type: "ADD_ROSPEC", ROSpec: spec }, "ADD_ROSPEC_RESPONSE");
  await client.ask({ type: "ENABLE_ROSPEC", ROSpecID: 1 }, "ENABLE_ROSPEC_RESPONSE");
  return LLRPStatus.StatusCode;
};

describe("a simulated reader of Impinj", () => {
  it("refuses its extensions until they are enabled, and at places where they do not belong", async () => {
    bench = await new BenchReader({ flavour: { vendor: "impinj" } }).start();
    const client = await bench.client();
    const capabilities = await client.ask(
      { type: "GET_READER_CAPABILITIES", RequestedData: 0 },
      "GET_READER_CAPABILITIES_RESPONSE",
    );
    expect(capabilities.GeneralDeviceCapabilities?.DeviceManufacturerName).toBe(25882);
    expect((await configure(client, { Custom: [LINK_MONITOR] })).LLRPStatus.StatusCode).not.toBe(0);
    await extend(client);
    expect((await configure(client, { Custom: [LINK_MONITOR] })).LLRPStatus.StatusCode).toBe(0);
    expect((await configure(client, { Custom: [FINE] })).LLRPStatus.StatusCode).toBe(StatusCode.M_ParameterError);
  });

  it("tells strength in 0.01 dBm where its selector stands in the ROReportSpec", async () => {
    bench = await new BenchReader({ antennas: 1, flavour: { vendor: "impinj" } }).start();
    bench.tags.set(1, [EPCS[0]!]);
    const client = await bench.client();
    await extend(client);
    const ROReportSpec = { ...reportSpec(1, 1), Custom: [FINE] };
    expect(await run(client, roSpec({ ROReportSpec }))).toBe(0);
    bench.pass(50);
    const [tag] = (await client.take("RO_ACCESS_REPORT")).TagReportData ?? [];
    expect(tag?.Custom).toEqual([{ type: "ImpinjPeakRSSI", RSSI: -5000 }]);
  });

  it("keeps a dead connection for ever, and lets it go once its link monitor is set", async () => {
    bench = await new BenchReader({ flavour: { vendor: "impinj" } }).start();
    const client = await bench.client();
    const KeepaliveSpec = { KeepaliveTriggerType: 1, PeriodicTriggerValue: 10_000 };
    await configure(client, { KeepaliveSpec });
    await bench.clock.advance(300_000);
    expect(bench.reader.status().connected).toBe(true);
    await client.settle();
    await extend(client);
    await configure(client, { KeepaliveSpec, Custom: [LINK_MONITOR] });
    await bench.clock.advance(30_000);
    expect(bench.reader.status().connected).toBe(false);
  });
});

describe("a simulated reader that is older, or can less", () => {
  it("knows no other version than 1.0.1: negotiation is answered with an error, in 1.0.1", async () => {
    bench = await new BenchReader({ flavour: { newestVersion: 1 } }).start();
    const client = await bench.client();
    for (const version of [2, 1] as const) {
      const answer = await client.ask({ type: "GET_SUPPORTED_VERSION", version }, "ERROR_MESSAGE");
      expect(answer.version).toBe(1);
      expect(answer.LLRPStatus.StatusCode).toBe(
        version === 2 ? StatusCode.M_UnsupportedVersion : StatusCode.M_UnsupportedMessage,
      );
    }
    await client.settle();
  });

  it("has no clock: it tells how long it has been up, from its last start on", async () => {
    bench = await new BenchReader({ antennas: 1, flavour: { utc: false } }).start();
    bench.tags.set(1, [EPCS[0]!]);
    let client = await bench.client();
    bench.pass(1000);
    await run(client);
    bench.pass(50);
    const [tag] = (await client.take("RO_ACCESS_REPORT")).TagReportData ?? [];
    expect(tag?.FirstSeenTimestampUptime?.Microseconds).toBe(1_000_000n);
    expect(tag?.FirstSeenTimestampUTC).toBeUndefined();
    bench.reader.reboot();
    await client.closed();
    bench.pass(50);
    client = await bench.client();
    await run(client);
    bench.pass(50);
    const [after] = (await client.take("RO_ACCESS_REPORT")).TagReportData ?? [];
    expect(after?.FirstSeenTimestampUptime?.Microseconds).toBe(50_000n);
  });

  it("holds nothing, says so, and refuses to be told to", async () => {
    bench = await new BenchReader({ flavour: { hold: false } }).start();
    const client = await bench.client();
    const { LLRPCapabilities } = await client.ask(
      { type: "GET_READER_CAPABILITIES", RequestedData: 2 },
      "GET_READER_CAPABILITIES_RESPONSE",
    );
    expect(LLRPCapabilities?.SupportsEventAndReportHolding).toBe(false);
    const hold = (HoldEventsAndReportsUponReconnect: boolean) =>
      configure(client, { EventsAndReports: { HoldEventsAndReportsUponReconnect } });
    expect((await hold(true)).LLRPStatus.StatusCode).toBe(StatusCode.M_ParameterError);
    expect((await hold(false)).LLRPStatus.StatusCode).toBe(0);
  });
});

describe("a simulated reader in trouble", () => {
  it("that was restarted has forgotten what it was told, and says no goodbye", async () => {
    bench = await new BenchReader().start();
    let client = await bench.client();
    await configure(client, { EventsAndReports: { HoldEventsAndReportsUponReconnect: true } });
    await run(client);
    bench.reader.reboot();
    await client.closed();
    expect(client.received).toEqual([]);
    client = await bench.client();
    expect((await client.ask({ type: "GET_ROSPECS" }, "GET_ROSPECS_RESPONSE")).ROSpec).toBeUndefined();
    const { EventsAndReports } = await client.ask(
      { type: "GET_READER_CONFIG", AntennaID: 0, RequestedData: 0, GPIPortNum: 0, GPOPortNum: 0 },
      "GET_READER_CONFIG_RESPONSE",
    );
    expect(EventsAndReports?.HoldEventsAndReportsUponReconnect).toBe(false);
  });

  it("says so to who wants to know, in the order in which it happened among the reports", async () => {
    bench = await new BenchReader({ antennas: 1 }).start();
    bench.tags.set(1, [EPCS[0]!]);
    const client = await bench.client();
    bench.reader.exception("not asked for");
    const EventType = NotificationEventType.Reader_Exception_Event;
    await configure(client, {
      EventsAndReports: { HoldEventsAndReportsUponReconnect: true },
      ReaderEventNotificationSpec: { EventNotificationState: [{ EventType, NotificationState: true }] },
    });
    await run(client);
    client.end();
    await expect.poll(() => bench.reader.status().connected).toBe(false);
    bench.pass(50);
    bench.reader.exception("too hot", 1);
    bench.pass(50);
    const again = await bench.client();
    again.send({ type: "ENABLE_EVENTS_AND_REPORTS" });
    await again.settle();
    expect(again.received.map(({ type }) => type)).toEqual([
      "RO_ACCESS_REPORT",
      "READER_EVENT_NOTIFICATION",
      "RO_ACCESS_REPORT",
    ]);
    expect(again.received[1]).toMatchObject({
      ReaderEventNotificationData: { ReaderExceptionEvent: { Message: "too hot", AntennaID: { AntennaID: 1 } } },
    });
  });
});
