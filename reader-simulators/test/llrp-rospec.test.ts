import { epcHexOf, type LlrpParameter, StatusCode } from "@storeward/codecs/llrp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aiSpec, BenchReader, EPCS, reportSpec, roSpec } from "./bench-reader.js";
import type { LlrpClient } from "./llrp-client.js";

let bench: BenchReader;
let client: LlrpClient;
beforeEach(async () => {
  bench = await new BenchReader().start();
  client = await bench.client();
});
afterEach(() => bench.stop());

const add = async (ROSpec: LlrpParameter<"ROSpec">) =>
  (await client.ask({ type: "ADD_ROSPEC", ROSpec }, "ADD_ROSPEC_RESPONSE")).LLRPStatus;
const enable = async (ROSpecID = 1) =>
  (await client.ask({ type: "ENABLE_ROSPEC", ROSpecID }, "ENABLE_ROSPEC_RESPONSE")).LLRPStatus;
const disable = async (ROSpecID = 1) =>
  (await client.ask({ type: "DISABLE_ROSPEC", ROSpecID }, "DISABLE_ROSPEC_RESPONSE")).LLRPStatus;
const start = async (ROSpecID = 1) =>
  (await client.ask({ type: "START_ROSPEC", ROSpecID }, "START_ROSPEC_RESPONSE")).LLRPStatus;
const stop = async (ROSpecID = 1) =>
  (await client.ask({ type: "STOP_ROSPEC", ROSpecID }, "STOP_ROSPEC_RESPONSE")).LLRPStatus;
const remove = async (ROSpecID = 1) =>
  (await client.ask({ type: "DELETE_ROSPEC", ROSpecID }, "DELETE_ROSPEC_RESPONSE")).LLRPStatus;
const states = async () =>
  ((await client.ask({ type: "GET_ROSPECS" }, "GET_ROSPECS_RESPONSE")).ROSpec ?? []).map((spec) => spec.CurrentState);
const run = async (changes: Partial<LlrpParameter<"ROSpec">> = {}) => {
  expect((await add(roSpec(changes))).StatusCode).toBe(0);
  expect((await enable()).StatusCode).toBe(0);
};
/** All reports that have come, as lists of "epc@antenna×count". */
const reports = async () => {
  await client.settle();
  const found = client.received.filter((message) => message.type === "RO_ACCESS_REPORT");
  client.received.length = 0;
  return found.map((message) =>
    (message.TagReportData ?? []).map(
      (tag) => `${epcHexOf(tag)?.at(-1)}@${tag.AntennaID?.AntennaID}×${tag.TagSeenCount?.TagCount}`,
    ),
  );
};
const events = async () => {
  await client.settle();
  const found = client.received.filter((message) => message.type === "READER_EVENT_NOTIFICATION");
  client.received.length = 0;
  return found.map(({ ReaderEventNotificationData: { UTCTimestamp: _, ...event } }) => event);
};
const notify = (...types: number[]) =>
  client.ask(
    {
      type: "SET_READER_CONFIG",
      ResetToFactoryDefault: false,
      ReaderEventNotificationSpec: {
        EventNotificationState: types.map((EventType) => ({ EventType, NotificationState: true })),
      },
    },
    "SET_READER_CONFIG_RESPONSE",
  );
const manual = {
  ROSpecStartTrigger: { ROSpecStartTriggerType: 0 },
  ROSpecStopTrigger: { ROSpecStopTriggerType: 0, DurationTriggerValue: 0 },
};

describe("an ROSpec's life", () => {
  it("goes from disabled to inactive to active and back, and ends", async () => {
    await add(roSpec({ ROBoundarySpec: manual }));
    expect(await states()).toEqual([0]);
    expect((await start()).StatusCode).toBe(StatusCode.M_FieldError);
    expect((await stop()).StatusCode).toBe(StatusCode.M_FieldError);
    await enable();
    expect(await states()).toEqual([1]);
    expect((await start()).StatusCode).toBe(0);
    expect(await states()).toEqual([2]);
    expect((await stop()).StatusCode).toBe(0);
    expect(await states()).toEqual([1]);
    await start();
    await disable();
    expect(await states()).toEqual([0]);
    await remove();
    expect(await states()).toEqual([]);
  });

  it("starts at once, goes on after the client has gone, and is found again", async () => {
    await run();
    expect(await states()).toEqual([2]);
    client.end();
    await expect.poll(() => bench.reader.status().connected).toBe(false);
    client = await bench.client();
    expect(await states()).toEqual([2]);
  });

  it("ends when its last AISpec is done, and by its own duration", async () => {
    await run({ SpecParameter: [aiSpec({ AISpecStopTriggerType: 1, DurationTrigger: 300 })] });
    bench.pass(250);
    expect(await states()).toEqual([2]);
    bench.pass(50);
    expect(await states()).toEqual([1]);
    await remove();
    const duration = {
      ROSpecStartTrigger: { ROSpecStartTriggerType: 1 },
      ROSpecStopTrigger: { ROSpecStopTriggerType: 1, DurationTriggerValue: 400 },
    };
    await run({ ROBoundarySpec: duration });
    bench.pass(350);
    expect(await states()).toEqual([2]);
    bench.pass(50);
    expect(await states()).toEqual([1]);
  });

  it("starts again and again with a periodic trigger", async () => {
    const periodic = { ROSpecStartTriggerType: 2, PeriodicTriggerValue: { Offset: 100, Period: 1000 } };
    await notify(2);
    await run({
      ROBoundarySpec: { ...manual, ROSpecStartTrigger: periodic },
      SpecParameter: [aiSpec({ AISpecStopTriggerType: 1, DurationTrigger: 200 })],
    });
    bench.pass(3000);
    expect((await events()).map((event) => event.ROSpecEvent?.EventType)).toEqual([0, 1, 0, 1, 0, 1]);
  });

  it("does not start while another is active", async () => {
    await run();
    await add(roSpec({ ROSpecID: 2 }));
    await enable(2);
    expect(await states()).toEqual([2, 1]);
    expect((await start(2)).StatusCode).toBe(StatusCode.R_DeviceError);
    await disable(1);
    expect((await start(2)).StatusCode).toBe(0);
    expect(await states()).toEqual([0, 2]);
  });

  it("0 means all of them for enable, disable and delete, and none for start and stop", async () => {
    for (const ROSpecID of [1, 2, 3]) await add(roSpec({ ROSpecID, ROBoundarySpec: manual }));
    await enable(0);
    expect(await states()).toEqual([1, 1, 1]);
    expect((await start(0)).StatusCode).toBe(StatusCode.M_FieldError);
    expect((await stop(0)).StatusCode).toBe(StatusCode.M_FieldError);
    await disable(0);
    expect(await states()).toEqual([0, 0, 0]);
    await remove(0);
    expect(await states()).toEqual([]);
  });

  it("one that does not exist is a wrong field", async () => {
    for (const action of [enable, disable, start, stop, remove]) {
      const status = await action(9);
      expect(status.StatusCode).toBe(StatusCode.M_FieldError);
      expect(status.FieldError).toEqual({ FieldNum: 0, ErrorCode: StatusCode.A_Invalid });
    }
  });
});

describe("an ROSpec that cannot be run is refused, naming parameter and field", () => {
  const immediate = roSpec().ROBoundarySpec;
  const ai = aiSpec();
  const gpi = { GPIPortNum: 1, GPIEvent: true, Timeout: 0 };
  const inventory = { InventoryParameterSpecID: 1, ProtocolID: 1 };
  const power = (TransmitPower: number) => ({
    AntennaID: 1,
    RFTransmitter: { HopTableID: 0, ChannelIndex: 1, TransmitPower },
  });
  const cases: [string, Partial<LlrpParameter<"ROSpec">>, number[], number, number?][] = [
    ["id 0", { ROSpecID: 0 }, [177], StatusCode.A_Invalid, 0],
    ["a priority", { Priority: 1 }, [177], StatusCode.A_OutOfRange, 1],
    ["enabled from the start", { CurrentState: 1 }, [177], StatusCode.A_Invalid, 2],
    ["an antenna that is not there", { SpecParameter: [aiSpec({}, [1, 3])] }, [177, 183], StatusCode.A_OutOfRange, 0],
    ["no antenna", { SpecParameter: [aiSpec({}, [])] }, [177, 183], StatusCode.A_Invalid, 0],
    [
      "an unknown start trigger",
      { ROBoundarySpec: { ...immediate, ROSpecStartTrigger: { ROSpecStartTriggerType: 9 } } },
      [177, 178, 179],
      StatusCode.A_Invalid,
      0,
    ],
    [
      "a start by an input",
      { ROBoundarySpec: { ...immediate, ROSpecStartTrigger: { ROSpecStartTriggerType: 3, GPITriggerValue: gpi } } },
      [177, 178, 179, 181],
      StatusCode.A_OutOfRange,
      0,
    ],
    [
      "a periodic start without a period",
      { ROBoundarySpec: { ...immediate, ROSpecStartTrigger: { ROSpecStartTriggerType: 2 } } },
      [177, 178, 179, 180],
      StatusCode.P_MissingParameter,
    ],
    [
      "an unknown stop trigger",
      { ROBoundarySpec: { ...immediate, ROSpecStopTrigger: { ROSpecStopTriggerType: 7, DurationTriggerValue: 0 } } },
      [177, 178, 182],
      StatusCode.A_Invalid,
      0,
    ],
    [
      "an unknown AISpec stop trigger",
      { SpecParameter: [aiSpec({ AISpecStopTriggerType: 8 })] },
      [177, 183, 184],
      StatusCode.A_Invalid,
      0,
    ],
    [
      "a tag observation without one",
      { SpecParameter: [aiSpec({ AISpecStopTriggerType: 3 })] },
      [177, 183, 184, 185],
      StatusCode.P_MissingParameter,
    ],
    [
      "another protocol",
      { SpecParameter: [{ ...ai, InventoryParameterSpec: [{ InventoryParameterSpecID: 1, ProtocolID: 5 }] }] },
      [177, 183, 186],
      StatusCode.A_Invalid,
      1,
    ],
    [
      "no inventory",
      { SpecParameter: [{ ...ai, InventoryParameterSpec: [] }] },
      [177, 183, 186],
      StatusCode.P_MissingParameter,
    ],
    [
      "more power than there is",
      { SpecParameter: [{ ...ai, InventoryParameterSpec: [{ ...inventory, AntennaConfiguration: [power(500)] }] }] },
      [177, 183, 186, 222, 224],
      StatusCode.A_OutOfRange,
      2,
    ],
    [
      "an RF survey",
      {
        SpecParameter: [
          ai,
          {
            type: "RFSurveySpec",
            AntennaID: 1,
            StartFrequency: 1,
            EndFrequency: 2,
            RFSurveySpecStopTrigger: { StopTriggerType: 0, DurationPeriod: 0, N: 0 },
          },
        ],
      },
      [177, 187],
      StatusCode.P_UnsupportedParameter,
    ],
    [
      "a loop in version 1.0.1",
      { SpecParameter: [ai, { type: "LoopSpec", LoopCount: 0 }] },
      [177, 355],
      StatusCode.P_UnsupportedParameter,
    ],
    ["nothing to inventory", { SpecParameter: [] }, [177, 183], StatusCode.P_MissingParameter],
    ["an unknown report trigger", { ROReportSpec: reportSpec(9, 1) }, [177, 237], StatusCode.A_Invalid, 0],
  ];

  it.each(cases)("%s", async (_, changes, path, code, field) => {
    const status = await add(roSpec(changes));
    expect(status.StatusCode).toBe(StatusCode.M_ParameterError);
    expect(status.ErrorDescription).not.toBe("");
    let error = status.ParameterError;
    for (const type of path.slice(0, -1)) {
      expect(error?.ParameterType).toBe(type);
      error = error?.ParameterError;
    }
    expect(error?.ParameterType).toBe(path.at(-1));
    if (field === undefined) expect(error?.ErrorCode).toBe(code);
    else expect(error?.FieldError).toEqual({ FieldNum: field, ErrorCode: code });
    expect(await states()).toEqual([]);
  });

  it("an id that is there already, and one more than fit", async () => {
    for (let ROSpecID = 1; ROSpecID <= 16; ROSpecID++) expect((await add(roSpec({ ROSpecID }))).StatusCode).toBe(0);
    expect((await add(roSpec())).ParameterError?.FieldError?.ErrorCode).toBe(StatusCode.A_Invalid);
    expect((await add(roSpec({ ROSpecID: 17 }))).ParameterError?.ErrorCode).toBe(StatusCode.P_OverflowParameter);
  });

  it("a vendor's parameter", async () => {
    const Custom = [
      { type: "Custom" as const, VendorIdentifier: 25882, ParameterSubtype: 23, Data: new Uint8Array(2) },
    ];
    const status = await add(
      roSpec({ SpecParameter: [{ ...ai, InventoryParameterSpec: [{ ...inventory, Custom }] }] }),
    );
    expect(status.StatusCode).toBe(StatusCode.M_ParameterError);
  });
});

describe("what an ROSpec reports", () => {
  beforeEach(() => {
    bench.tags.set(1, [EPCS[0]!, EPCS[1]!]);
    bench.tags.set(2, [EPCS[1]!]);
  });

  it("every tag at once with N = 1", async () => {
    await run();
    bench.pass(200);
    expect(await reports()).toEqual([["1@1×1"], ["2@1×1"], ["2@2×1"], ["1@1×1"], ["2@1×1"], ["2@2×1"]]);
  });

  it("antennas in turns, those that were asked for", async () => {
    await run({ SpecParameter: [aiSpec({}, [2])] });
    bench.pass(200);
    expect(await reports()).toEqual([["2@2×1"], ["2@2×1"], ["2@2×1"], ["2@2×1"]]);
  });

  it("what was gathered at the end of the AISpec, with counts, times and the strongest RSSI", async () => {
    await run({
      SpecParameter: [aiSpec({ AISpecStopTriggerType: 1, DurationTrigger: 400 })],
      ROReportSpec: reportSpec(1, 0),
    });
    bench.pass(400);
    await client.settle();
    const [message] = client.received.filter((one) => one.type === "RO_ACCESS_REPORT");
    const tags = message?.type === "RO_ACCESS_REPORT" ? (message.TagReportData ?? []) : [];
    expect(tags.map((tag) => [epcHexOf(tag), tag.AntennaID?.AntennaID, tag.TagSeenCount?.TagCount])).toEqual([
      [EPCS[0], 1, 4],
      [EPCS[1], 1, 4],
      [EPCS[1], 2, 4],
    ]);
    const [first] = tags;
    expect(first?.FirstSeenTimestampUTC?.Microseconds).toBe(1_000_000_000n);
    expect(first?.LastSeenTimestampUTC?.Microseconds).toBe(1_000_300_000n);
    expect(first?.PeakRSSI?.PeakRSSI).toBe(-50);
    expect(first?.ChannelIndex?.ChannelIndex).toBe(2);
    expect(first?.ROSpecID).toBeUndefined();
  });

  it("only what was selected; reads that do not differ in it are one", async () => {
    const nothing = {
      EnableAntennaID: false,
      EnableChannelIndex: false,
      EnablePeakRSSI: false,
      EnableFirstSeenTimestamp: false,
      EnableLastSeenTimestamp: false,
    };
    const more = {
      EnableROSpecID: true,
      EnableSpecIndex: true,
      EnableInventoryParameterSpecID: true,
      EnableAccessSpecID: true,
      EnableCryptoResponse: false,
    };
    await run({
      SpecParameter: [aiSpec({ AISpecStopTriggerType: 1, DurationTrigger: 100 })],
      ROReportSpec: reportSpec(1, 0, {
        ...nothing,
        ...more,
        C1G2EPCMemorySelector: [{ EnableCRC: true, EnablePCBits: true, EnableXPCBits: false }],
      }),
    });
    bench.pass(100);
    const { TagReportData: tags = [] } = await client.take("RO_ACCESS_REPORT");
    expect(tags.map((tag) => tag.TagSeenCount?.TagCount)).toEqual([1, 2]);
    const { EPC_96: _, C1G2_CRC: crc, ...rest } = tags[0]!;
    expect(crc).toBeDefined();
    expect(rest).toEqual({
      ROSpecID: { ROSpecID: 1 },
      SpecIndex: { SpecIndex: 1 },
      InventoryParameterSpecID: { InventoryParameterSpecID: 7 },
      AccessSpecID: { AccessSpecID: 0 },
      TagSeenCount: { TagCount: 1 },
      C1G2_PC: { PC_Bits: 0x3000 },
    });
  });

  it("every N tags, every N seconds or milliseconds, or only when asked", async () => {
    await run({ ROReportSpec: reportSpec(2, 3) });
    bench.pass(200);
    expect((await reports()).map((tags) => tags.length)).toEqual([3, 3]);
    await remove();
    await run({ ROReportSpec: reportSpec(3, 1) });
    bench.pass(2000);
    expect(await reports()).toEqual([
      ["1@1×10", "2@1×10", "2@2×10"],
      ["1@1×10", "2@1×10", "2@2×10"],
    ]);
    await remove();
    await run({ ROReportSpec: reportSpec(6, 500) });
    bench.pass(1000);
    expect((await reports()).length).toBe(2);
    await remove();
    await run({ ROReportSpec: reportSpec(0, 0) });
    bench.pass(1000);
    expect(await reports()).toEqual([]);
    client.send({ type: "GET_REPORT" });
    expect(await reports()).toEqual([["1@1×10", "2@1×10", "2@2×10"]]);
    client.send({ type: "GET_REPORT" });
    expect(await reports()).toEqual([[]]);
  });

  it("the rest when the ROSpec ends", async () => {
    await run({ ROReportSpec: reportSpec(2, 0) });
    bench.pass(100);
    expect(await reports()).toEqual([]);
    await disable();
    expect(await reports()).toEqual([["1@1×1", "2@1×1", "2@2×1"]]);
  });

  it("EPCs of other lengths than 96 bits whole", async () => {
    const long = "36".padEnd(52, "A");
    bench.tags.set(1, [long]);
    await run();
    bench.pass(50);
    expect(epcHexOf((await client.take("RO_ACCESS_REPORT")).TagReportData![0]!)).toBe(long);
  });

  it("by the reader's own ROReportSpec where it has none", async () => {
    await client.ask(
      { type: "SET_READER_CONFIG", ResetToFactoryDefault: false, ROReportSpec: reportSpec(1, 1) },
      "SET_READER_CONFIG_RESPONSE",
    );
    const { ROReportSpec: _, ...without } = roSpec();
    await add(without);
    await enable();
    bench.pass(50);
    expect(await reports()).toEqual([["1@1×1"], ["2@1×1"]]);
  });

  it("no tag that a filter leaves out", async () => {
    const filter = (last: number, Action: number) => ({
      T: 1,
      C1G2TagInventoryMask: { MB: 1, Pointer: 32 + 88, TagMask: { bitCount: 8, bytes: Uint8Array.of(last) } },
      C1G2TagInventoryStateUnawareFilterAction: { Action },
    });
    const only = async (...filters: ReturnType<typeof filter>[]) => {
      const AntennaConfiguration = [
        { AntennaID: 0, C1G2InventoryCommand: [{ TagInventoryStateAware: false, C1G2Filter: filters }] },
      ];
      await run({
        SpecParameter: [
          {
            ...aiSpec({}, [1]),
            InventoryParameterSpec: [{ InventoryParameterSpecID: 1, ProtocolID: 1, AntennaConfiguration }],
          },
        ],
      });
      bench.pass(50);
      const found = await reports();
      await remove();
      return found;
    };
    expect(await only(filter(1, 0))).toEqual([["1@1×1"]]);
    expect(await only(filter(1, 4))).toEqual([["2@1×1"]]);
    expect(await only(filter(1, 0), filter(2, 1))).toEqual([["1@1×1"], ["2@1×1"]]);
    expect(await only(filter(9, 0))).toEqual([]);
  });

  it("with the power that the client set, of the AISpec before that of the reader", async () => {
    const RFTransmitter = (TransmitPower: number) => ({ HopTableID: 0, ChannelIndex: 1, TransmitPower });
    const of = (AntennaID: number, power: number) => ({ AntennaID, RFTransmitter: RFTransmitter(power) });
    await client.ask(
      { type: "SET_READER_CONFIG", ResetToFactoryDefault: false, AntennaConfiguration: [of(0, 41), of(2, 1)] },
      "SET_READER_CONFIG_RESPONSE",
    );
    await run({
      SpecParameter: [
        {
          ...aiSpec(),
          InventoryParameterSpec: [{ InventoryParameterSpecID: 1, ProtocolID: 1, AntennaConfiguration: [of(2, 5)] }],
        },
      ],
    });
    bench.pass(100);
    expect(bench.powers).toEqual([20, 11]);
  });
});

describe("when an AISpec ends", () => {
  beforeEach(async () => {
    bench.tags.set(1, [EPCS[0]!, EPCS[1]!]);
    await notify(6, 2);
  });
  const observe = (TriggerType: number, changes = {}) =>
    aiSpec({
      AISpecStopTriggerType: 3,
      TagObservationTrigger: { TriggerType, NumberOfTags: 0, NumberOfAttempts: 0, T: 0, Timeout: 0, ...changes },
    });
  const ended = async (spec: ReturnType<typeof aiSpec>) => {
    await run({ SpecParameter: [spec], ROReportSpec: reportSpec(0, 0) });
    const from = bench.now;
    while ((await states())[0] === 2 && bench.now - from < 5000) bench.pass(50);
    await remove();
    return bench.now - from;
  };

  it("by duration, tags seen, unique tags, quiet, attempts or timeout", async () => {
    expect(await ended(aiSpec({ AISpecStopTriggerType: 1, DurationTrigger: 250 }))).toBe(250);
    expect(await ended(observe(0, { NumberOfTags: 3 }))).toBe(150);
    expect(await ended(observe(3, { NumberOfTags: 3, Timeout: 800 }))).toBe(800);
    expect(await ended(observe(3, { NumberOfTags: 2 }))).toBe(50);
    expect(await ended(observe(2, { NumberOfAttempts: 3 }))).toBe(300);
    expect(await ended(observe(4, { T: 400 }))).toBe(450);
    bench.tags.clear();
    expect(await ended(observe(1, { T: 300 }))).toBe(300);
  });

  it("an event says so, between those of the ROSpec", async () => {
    await run({
      SpecParameter: [
        aiSpec({ AISpecStopTriggerType: 1, DurationTrigger: 100 }),
        aiSpec({ AISpecStopTriggerType: 1, DurationTrigger: 50 }),
      ],
    });
    bench.pass(500);
    expect(await events()).toEqual([
      { ROSpecEvent: { EventType: 0, ROSpecID: 1, PreemptingROSpecID: 0 } },
      { AISpecEvent: { EventType: 0, ROSpecID: 1, SpecIndex: 1 } },
      { AISpecEvent: { EventType: 0, ROSpecID: 1, SpecIndex: 2 } },
      { ROSpecEvent: { EventType: 1, ROSpecID: 1, PreemptingROSpecID: 0 } },
    ]);
  });

  it("a LoopSpec goes round, in version 1.1", async () => {
    await client.ask({ type: "SET_PROTOCOL_VERSION", version: 2, ProtocolVersion: 2 }, "SET_PROTOCOL_VERSION_RESPONSE");
    client.version = 2;
    await notify(9);
    const looped = [
      aiSpec({ AISpecStopTriggerType: 1, DurationTrigger: 100 }),
      { type: "LoopSpec" as const, LoopCount: 3 },
    ];
    await run({ SpecParameter: looped, ROReportSpec: reportSpec(1, 0) });
    bench.pass(1000);
    expect((await events()).map((event) => Object.keys(event)[0])).toEqual([
      "ROSpecEvent",
      ...Array(3).fill(["AISpecEvent", "SpecLoopEvent"]).flat(),
      "ROSpecEvent",
    ]);
    expect(await states()).toEqual([1]);
    await remove();
    await run({ SpecParameter: [looped[0]!, { type: "LoopSpec", LoopCount: 0 }], ROReportSpec: reportSpec(1, 0) });
    bench.pass(1000);
    expect((await reports()).length).toBe(10);
  });
});
