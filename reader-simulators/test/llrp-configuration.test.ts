import { type LlrpMessageOf, GetReaderConfigRequestedData as Part, StatusCode } from "@storeward/codecs/llrp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BenchReader, reportSpec, roSpec } from "./bench-reader.js";
import type { LlrpClient } from "./llrp-client.js";

let bench: BenchReader;
let client: LlrpClient;
beforeEach(async () => {
  bench = await new BenchReader().start();
  client = await bench.client();
});
afterEach(() => bench.stop());

const set = async (changes: Partial<LlrpMessageOf<"SET_READER_CONFIG">>) =>
  (
    await client.ask(
      { type: "SET_READER_CONFIG", ResetToFactoryDefault: false, ...changes },
      "SET_READER_CONFIG_RESPONSE",
    )
  ).LLRPStatus;
const get = (RequestedData: number, AntennaID = 0) =>
  client.ask(
    { type: "GET_READER_CONFIG", AntennaID, RequestedData, GPIPortNum: 0, GPOPortNum: 0 },
    "GET_READER_CONFIG_RESPONSE",
  );
const capabilities = (RequestedData: number) =>
  client.ask({ type: "GET_READER_CAPABILITIES", RequestedData }, "GET_READER_CAPABILITIES_RESPONSE");
const transmitter = (AntennaID: number, TransmitPower: number) => ({
  AntennaID,
  RFTransmitter: { HopTableID: 0, ChannelIndex: 1, TransmitPower },
});

describe("what a reader can do", () => {
  it("is told whole, or by parts", async () => {
    const all = await capabilities(0);
    expect(all.GeneralDeviceCapabilities?.MaxNumberOfAntennaSupported).toBe(2);
    expect(all.GeneralDeviceCapabilities?.PerAntennaAirProtocol.map((one) => one.AntennaID)).toEqual([1, 2]);
    expect(all.LLRPCapabilities?.SupportsEventAndReportHolding).toBe(true);
    expect(all.C1G2LLRPCapabilities?.MaxNumSelectFiltersPerQuery).toBe(4);
    for (const [part, name] of [
      "GeneralDeviceCapabilities",
      "LLRPCapabilities",
      "RegulatoryCapabilities",
      "C1G2LLRPCapabilities",
    ].entries()) {
      const { type: _, id: __, version: ___, LLRPStatus: ____, ...parts } = await capabilities(part + 1);
      expect(Object.keys(parts)).toEqual([name]);
    }
    const { LLRPStatus } = await capabilities(9);
    expect(LLRPStatus.FieldError).toEqual({ FieldNum: 0, ErrorCode: StatusCode.A_Invalid });
  });

  it("says nothing of 1.1 to a client of 1.0.1", async () => {
    expect((await capabilities(1)).GeneralDeviceCapabilities?.MaximumReceiveSensitivity).toBeUndefined();
    await client.ask({ type: "SET_PROTOCOL_VERSION", version: 2, ProtocolVersion: 2 }, "SET_PROTOCOL_VERSION_RESPONSE");
    client.version = 2;
    expect((await capabilities(1)).GeneralDeviceCapabilities?.MaximumReceiveSensitivity).toBeDefined();
  });

  it("is by its region: fixed channels in Europe, hopping in America, powers by index", async () => {
    const regulatory = (await capabilities(3)).RegulatoryCapabilities;
    expect(regulatory?.CommunicationsStandard).toBe(2);
    const band = regulatory?.UHFBandCapabilities;
    expect(band?.FrequencyInformation.FixedFrequencyTable?.Frequency).toEqual([865_700, 866_300, 866_900, 867_500]);
    expect(band?.TransmitPowerLevelTableEntry.at(0)).toEqual({ Index: 1, TransmitPowerValue: 1000 });
    expect(band?.TransmitPowerLevelTableEntry.at(-1)?.TransmitPowerValue).toBe(3150);
    const other = await new BenchReader({ region: "FCC" }).start();
    const there = await other.client();
    const fcc = await there.ask(
      { type: "GET_READER_CAPABILITIES", RequestedData: 3 },
      "GET_READER_CAPABILITIES_RESPONSE",
    );
    const { Hopping, FrequencyHopTable } = fcc.RegulatoryCapabilities!.UHFBandCapabilities!.FrequencyInformation;
    expect([Hopping, FrequencyHopTable?.[0]?.Frequency.length]).toEqual([true, 50]);
    await other.stop();
  });
});

describe("a reader's configuration", () => {
  it("is read whole, by parts, by antenna", async () => {
    const all = await get(Part.All);
    expect(all.AntennaProperties?.map((one) => [one.AntennaID, one.AntennaConnected])).toEqual([
      [1, true],
      [2, true],
    ]);
    // Nobody has configured it: full power.
    expect(all.AntennaConfiguration?.map((one) => one.RFTransmitter?.TransmitPower)).toEqual([87, 87]);
    expect(all.Identification?.ReaderID.length).toBe(8);
    expect(all.KeepaliveSpec?.KeepaliveTriggerType).toBe(0);
    expect(all.ReaderEventNotificationSpec?.EventNotificationState.every((one) => !one.NotificationState)).toBe(true);
    expect((await get(Part.AntennaConfiguration, 2)).AntennaConfiguration?.map((one) => one.AntennaID)).toEqual([2]);
    expect((await get(Part.KeepaliveSpec)).AntennaConfiguration).toBeUndefined();
    expect((await get(99)).LLRPStatus.FieldError?.FieldNum).toBe(1);
    expect((await get(Part.All, 5)).LLRPStatus.FieldError?.ErrorCode).toBe(StatusCode.A_OutOfRange);
  });

  it("keeps what is set, also for the next client", async () => {
    const before = (await get(Part.LLRPConfigurationStateValue)).LLRPConfigurationStateValue;
    const status = await set({
      AntennaConfiguration: [transmitter(0, 10), transmitter(2, 20)],
      KeepaliveSpec: { KeepaliveTriggerType: 1, PeriodicTriggerValue: 15_000 },
      ROReportSpec: reportSpec(1, 5),
      AccessReportSpec: { AccessReportTrigger: 1 },
      EventsAndReports: { HoldEventsAndReportsUponReconnect: true },
      ReaderEventNotificationSpec: { EventNotificationState: [{ EventType: 8, NotificationState: true }] },
    });
    expect(status.StatusCode).toBe(0);
    client.end();
    await expect.poll(() => bench.reader.status().connected).toBe(false);
    client = await bench.client();
    const all = await get(Part.All);
    expect(all.AntennaConfiguration?.map((one) => one.RFTransmitter?.TransmitPower)).toEqual([10, 20]);
    expect(all.KeepaliveSpec?.PeriodicTriggerValue).toBe(15_000);
    expect(all.ROReportSpec?.N).toBe(5);
    expect(all.AccessReportSpec?.AccessReportTrigger).toBe(1);
    expect(all.EventsAndReports?.HoldEventsAndReportsUponReconnect).toBe(true);
    const on = all.ReaderEventNotificationSpec?.EventNotificationState.filter((one) => one.NotificationState);
    expect(on?.map((one) => one.EventType)).toEqual([8]);
    expect(all.LLRPConfigurationStateValue).not.toEqual(before);
  });

  it("goes back to the factory's on request, and forgets all specs", async () => {
    await client.ask({ type: "ADD_ROSPEC", ROSpec: roSpec() }, "ADD_ROSPEC_RESPONSE");
    await set({ AntennaConfiguration: [transmitter(0, 10)] });
    expect((await set({ ResetToFactoryDefault: true })).StatusCode).toBe(0);
    expect((await get(Part.All)).AntennaConfiguration?.[0]?.RFTransmitter?.TransmitPower).toBe(87);
    expect((await client.ask({ type: "GET_ROSPECS" }, "GET_ROSPECS_RESPONSE")).ROSpec).toBeUndefined();
  });

  it.each([
    ["a power that is not in the table", { AntennaConfiguration: [transmitter(1, 88)] }, [222, 224]],
    ["an antenna that is not there", { AntennaConfiguration: [transmitter(3, 1)] }, [222]],
    ["an output", { GPOWriteData: [{ GPOPortNumber: 1, GPOData: true }] }, [219]],
    ["an input", { GPIPortCurrentState: [{ GPIPortNum: 1, Config: true, State: 0 }] }, [225]],
    [
      "an unknown event",
      { ReaderEventNotificationSpec: { EventNotificationState: [{ EventType: 77, NotificationState: true }] } },
      [244, 245],
    ],
    ["an unknown keepalive", { KeepaliveSpec: { KeepaliveTriggerType: 4, PeriodicTriggerValue: 1 } }, [220]],
    [
      "a vendor's parameter",
      { Custom: [{ type: "Custom" as const, VendorIdentifier: 25882, ParameterSubtype: 38, Data: new Uint8Array(4) }] },
      [1023],
    ],
    [
      "singulation by state",
      { AntennaConfiguration: [{ AntennaID: 1, C1G2InventoryCommand: [{ TagInventoryStateAware: true }] }] },
      [222, 330],
    ],
  ])("refuses %s, and then changes nothing", async (_, changes, path) => {
    const before = await get(Part.All);
    const status = await set({ EventsAndReports: { HoldEventsAndReportsUponReconnect: true }, ...changes });
    expect(status.StatusCode).toBe(StatusCode.M_ParameterError);
    let error = status.ParameterError;
    for (const type of path.slice(0, -1)) {
      expect(error?.ParameterType).toBe(type);
      error = error?.ParameterError;
    }
    expect(error?.ParameterType).toBe(path.at(-1));
    expect({ ...(await get(Part.All)), id: 0 }).toEqual({ ...before, id: 0 });
  });

  it("says when an antenna's cable is pulled, to who wants to know", async () => {
    bench.unplugged.add(2);
    bench.reader.antennaChanged(2, false);
    await set({ ReaderEventNotificationSpec: { EventNotificationState: [{ EventType: 8, NotificationState: true }] } });
    bench.unplugged.delete(2);
    bench.reader.antennaChanged(2, true);
    const { ReaderEventNotificationData: data } = await client.take("READER_EVENT_NOTIFICATION");
    expect(data.AntennaEvent).toEqual({ EventType: 1, AntennaID: 2 });
    bench.unplugged.add(1);
    expect((await get(Part.AntennaProperties)).AntennaProperties?.map((one) => one.AntennaConnected)).toEqual([
      false,
      true,
    ]);
  });
});
