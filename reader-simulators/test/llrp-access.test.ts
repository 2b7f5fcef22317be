import { epcHexOf, type LlrpParameter, StatusCode } from "@storeward/codecs/llrp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BenchReader, EPCS, reportSpec, roSpec } from "./bench-reader.js";
import type { LlrpClient } from "./llrp-client.js";

type AccessSpec = LlrpParameter<"AccessSpec">;
let bench: BenchReader;
let client: LlrpClient;
beforeEach(async () => {
  bench = await new BenchReader({ antennas: 1 }).start();
  bench.tags.set(1, [EPCS[0]!, EPCS[1]!]);
  client = await bench.client();
});
afterEach(() => bench.stop());

const bits = (bytes: number[]) => ({ bitCount: bytes.length * 8, bytes: Uint8Array.from(bytes) });
const ENDS_IN_1 = { MB: 1, Match: true, Pointer: 32 + 88, TagMask: bits([0xff]), TagData: bits([1]) };
const read = (MB: number, WordPointer = 0, WordCount = 0) =>
  ({ type: "C1G2Read", OpSpecID: 3, AccessPassword: 0, MB, WordPointer, WordCount }) as const;
const accessSpec = (
  ops: AccessSpec["AccessCommand"]["AccessCommandOpSpec"],
  changes: Partial<AccessSpec> = {},
): AccessSpec => ({
  AccessSpecID: 5,
  AntennaID: 0,
  ProtocolID: 1,
  CurrentState: 0,
  ROSpecID: 0,
  AccessSpecStopTrigger: { AccessSpecStopTrigger: 0, OperationCountValue: 0 },
  AccessCommand: { C1G2TagSpec: { C1G2TargetTag: [ENDS_IN_1] }, AccessCommandOpSpec: ops },
  ...changes,
});
const add = async (AccessSpec: AccessSpec) =>
  (await client.ask({ type: "ADD_ACCESSSPEC", AccessSpec }, "ADD_ACCESSSPEC_RESPONSE")).LLRPStatus;
const enable = async (AccessSpecID = 5) =>
  (await client.ask({ type: "ENABLE_ACCESSSPEC", AccessSpecID }, "ENABLE_ACCESSSPEC_RESPONSE")).LLRPStatus;
const states = async () =>
  ((await client.ask({ type: "GET_ACCESSSPECS" }, "GET_ACCESSSPECS_RESPONSE")).AccessSpec ?? []).map(
    (one) => one.CurrentState,
  );
const resultsAfter = async (spec: AccessSpec) => {
  await add(spec);
  await enable();
  const ROSpec = roSpec({ ROReportSpec: reportSpec(1, 1, { EnableAccessSpecID: true }) });
  await client.ask({ type: "ADD_ROSPEC", ROSpec }, "ADD_ROSPEC_RESPONSE");
  await client.ask({ type: "ENABLE_ROSPEC", ROSpecID: 1 }, "ENABLE_ROSPEC_RESPONSE");
  bench.pass(100);
  await client.settle();
  return client.received.flatMap((message) =>
    message.type === "RO_ACCESS_REPORT"
      ? (message.TagReportData ?? []).map(
          (tag) => [epcHexOf(tag)?.at(-1), tag.AccessSpecID?.AccessSpecID, tag.AccessCommandOpSpecResult?.[0]] as const,
        )
      : [],
  );
};

describe("AccessSpecs", () => {
  it("are added, enabled, disabled, listed and deleted", async () => {
    expect((await add(accessSpec([read(2)]))).StatusCode).toBe(0);
    expect(await states()).toEqual([0]);
    await enable();
    expect(await states()).toEqual([1]);
    await client.ask({ type: "DISABLE_ACCESSSPEC", AccessSpecID: 0 }, "DISABLE_ACCESSSPEC_RESPONSE");
    expect(await states()).toEqual([0]);
    await client.ask({ type: "DELETE_ACCESSSPEC", AccessSpecID: 0 }, "DELETE_ACCESSSPEC_RESPONSE");
    expect(await states()).toEqual([]);
    expect((await enable()).FieldError).toEqual({ FieldNum: 0, ErrorCode: StatusCode.A_Invalid });
  });

  it("are refused when they cannot be", async () => {
    expect((await add(accessSpec([read(2)], { AccessSpecID: 0 }))).StatusCode).toBe(StatusCode.M_ParameterError);
    expect((await add(accessSpec([read(2)], { CurrentState: 1 }))).ParameterError?.FieldError?.FieldNum).toBe(3);
    const status = await add(accessSpec([{ type: "ClientRequestOpSpec", OpSpecID: 1 }]));
    expect(status.ParameterError?.ParameterError?.ParameterError?.ErrorCode).toBe(StatusCode.P_UnsupportedParameter);
    await add(accessSpec([read(2)]));
    expect((await add(accessSpec([read(2)]))).ParameterError?.FieldError?.ErrorCode).toBe(StatusCode.A_Invalid);
  });

  it("read the TID of the tags they aim at, at every read", async () => {
    const [first, second, third] = await resultsAfter(accessSpec([read(2)]));
    expect([first?.[0], first?.[1], second?.[0], second?.[1]]).toEqual(["1", 5, "2", 0]);
    const result = first?.[2];
    if (result?.type !== "C1G2ReadOpSpecResult") expect.fail("no result of reading");
    expect([result.Result, result.OpSpecID, result.ReadData.length, result.ReadData[0]! >> 8]).toEqual([0, 3, 6, 0xe2]);
    expect(third?.[2]).toEqual(result);
    expect(second?.[2]).toBeUndefined();
  });

  it("read the EPC in words, and say when there are not so many", async () => {
    const [first] = await resultsAfter(accessSpec([read(1, 2, 6)]));
    expect(first?.[2]).toMatchObject({ Result: 0, ReadData: [0x3000, 0, 0, 0, 0, 1] });
    await client.ask({ type: "DELETE_ACCESSSPEC", AccessSpecID: 0 }, "DELETE_ACCESSSPEC_RESPONSE");
    await client.ask({ type: "DELETE_ROSPEC", ROSpecID: 0 }, "DELETE_ROSPEC_RESPONSE");
    client.received.length = 0;
    const [short] = await resultsAfter(accessSpec([read(1, 2, 60)]));
    expect(short?.[2]).toMatchObject({ Result: 4 });
  });

  it("change no tag: they are locked", async () => {
    const write = { type: "C1G2Write", OpSpecID: 1, AccessPassword: 0, MB: 1, WordPointer: 2, WriteData: [1] } as const;
    const [first] = await resultsAfter(accessSpec([write]));
    expect(first?.[2]).toMatchObject({ type: "C1G2WriteOpSpecResult", Result: 2, NumWordsWritten: 0 });
  });

  it("end after so many operations as they were given", async () => {
    const once = { AccessSpecStopTrigger: { AccessSpecStopTrigger: 1, OperationCountValue: 1 } };
    const results = await resultsAfter(accessSpec([read(2)], once));
    expect(results.filter(([, , result]) => result !== undefined).length).toBe(1);
    expect(await states()).toEqual([]);
  });
});
