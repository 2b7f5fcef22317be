import { encodeMessage, StatusCode } from "@storeward/codecs/llrp";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BenchReader } from "./bench-reader.js";
import { LlrpClient } from "./llrp-client.js";

let bench: BenchReader;
beforeEach(async () => {
  bench = await new BenchReader().start();
});
afterEach(() => bench.stop());

const attempt = async (client: LlrpClient) =>
  (await client.take("READER_EVENT_NOTIFICATION")).ReaderEventNotificationData.ConnectionAttemptEvent?.Status;

describe("a connection to a simulated LLRP reader", () => {
  it("begins with the reader's word that it succeeded, with the time", async () => {
    const client = await LlrpClient.connect(bench.tcpPort);
    const { ReaderEventNotificationData: data, version } = await client.take("READER_EVENT_NOTIFICATION");
    expect(data.ConnectionAttemptEvent?.Status).toBe(0);
    expect(data.UTCTimestamp?.Microseconds).toBe(1_000_000_000n);
    expect(version).toBe(1);
    client.end();
  });

  it("is one at a time: a second client is refused, the first is told and goes on", async () => {
    const first = await bench.client();
    const second = await LlrpClient.connect(bench.tcpPort);
    expect(await attempt(second)).toBe(2);
    await second.closed();
    expect(await attempt(first)).toBe(4);
    await first.settle();
  });

  it("can be had again when the client before has gone", async () => {
    const first = await bench.client();
    first.end();
    await expect.poll(() => bench.reader.status().connected).toBe(false);
    await (await bench.client()).settle();
  });

  it("ends when the client asks, after the answer", async () => {
    const client = await bench.client();
    const { LLRPStatus } = await client.ask({ type: "CLOSE_CONNECTION" }, "CLOSE_CONNECTION_RESPONSE");
    expect(LLRPStatus.StatusCode).toBe(0);
    await client.closed();
  });

  it("ends with ConnectionCloseEvent when the reader stops", async () => {
    const client = await bench.client();
    await bench.reader.stop();
    const { ReaderEventNotificationData: data } = await client.take("READER_EVENT_NOTIFICATION");
    expect(data.ConnectionCloseEvent).toBeDefined();
    await client.closed();
  });

  it("is kept alive as configured, and given up after three keepalives without an answer", async () => {
    const client = await bench.client();
    const KeepaliveSpec = { KeepaliveTriggerType: 1, PeriodicTriggerValue: 10_000 };
    await client.ask(
      { type: "SET_READER_CONFIG", ResetToFactoryDefault: false, KeepaliveSpec },
      "SET_READER_CONFIG_RESPONSE",
    );
    for (let times = 0; times < 5; times++) {
      await bench.clock.advance(10_000);
      await client.take("KEEPALIVE");
      client.send({ type: "KEEPALIVE_ACK" });
      await client.settle();
    }
    await bench.clock.advance(30_000);
    await client.settle();
    await bench.clock.advance(10_000);
    await client.closed();
    expect(bench.clock.pending).toBe(0);
  });

  it("is served the same however the requests are cut and glued", async () => {
    const client = await bench.client();
    const requests = Buffer.concat([1, 2, 3].map((id) => Buffer.from(encodeMessage({ type: "GET_ROSPECS", id }))));
    client.bytes(requests);
    for (const byte of requests) client.bytes(Uint8Array.of(byte));
    for (const id of [1, 2, 3, 1, 2, 3]) expect((await client.take("GET_ROSPECS_RESPONSE")).id).toBe(id);
  });

  it("that carries garbage is told so and dropped; the reader goes on", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 10, maxLength: 300 }), async (bytes) => {
        const client = await LlrpClient.open(bench.tcpPort);
        client.bytes(bytes);
        client.socket.end();
        await client.closed();
        await expect.poll(() => bench.reader.status().connected, { interval: 1 }).toBe(false);
      }),
      { numRuns: 30 },
    );
    await (await bench.client()).settle();
  });

  it("outlives a message whose content is no LLRP: it is answered with what is wrong", async () => {
    const client = await bench.client();
    const good = encodeMessage({ type: "DELETE_ROSPEC", id: 5, ROSpecID: 0 });
    const short = good.slice(0, 12);
    new DataView(short.buffer).setUint32(2, 12);
    client.bytes(short);
    expect((await client.take("DELETE_ROSPEC_RESPONSE")).LLRPStatus.StatusCode).toBe(StatusCode.M_ParameterError);
    // ADD_ROSPEC without an ROSpec.
    client.bytes(Uint8Array.of(0x04, 20, 0, 0, 0, 10, 0, 0, 0, 6));
    expect((await client.take("ADD_ROSPEC_RESPONSE")).LLRPStatus.StatusCode).toBe(StatusCode.M_MissingParameter);
  });

  it("says what is no message for a reader, and why", async () => {
    const client = await bench.client();
    const codeFor = async (message: Parameters<LlrpClient["ask"]>[0]) =>
      (await client.ask(message, "ERROR_MESSAGE")).LLRPStatus.StatusCode;
    const vendor = { VendorIdentifier: 25882, MessageSubtype: 21, Data: new Uint8Array(4) };
    expect(await codeFor({ type: "CUSTOM_MESSAGE", ...vendor })).toBe(StatusCode.M_UnsupportedMessage);
    expect(await codeFor({ type: "UNKNOWN_MESSAGE", typeNumber: 900, bytes: new Uint8Array(0) })).toBe(
      StatusCode.M_UnsupportedMessage,
    );
    expect(await codeFor({ type: "KEEPALIVE" })).toBe(StatusCode.M_UnexpectedMessage);
  });

  it("is in the version that was negotiated", async () => {
    const client = await bench.client();
    const early = await client.ask({ type: "GET_ROSPECS", version: 2 }, "ERROR_MESSAGE");
    expect(early.LLRPStatus.StatusCode).toBe(StatusCode.M_UnsupportedVersion);
    const supported = await client.ask({ type: "GET_SUPPORTED_VERSION", version: 2 }, "GET_SUPPORTED_VERSION_RESPONSE");
    expect([supported.CurrentVersion, supported.SupportedVersion, supported.version]).toEqual([1, 2, 2]);

    const setVersion = async (ProtocolVersion: number) =>
      (await client.ask({ type: "SET_PROTOCOL_VERSION", version: 2, ProtocolVersion }, "SET_PROTOCOL_VERSION_RESPONSE"))
        .LLRPStatus.StatusCode;
    expect(await setVersion(3)).toBe(StatusCode.M_UnsupportedVersion);
    expect(await setVersion(2)).toBe(StatusCode.M_Success);
    expect(await setVersion(1)).toBe(StatusCode.M_UnexpectedMessage);

    client.version = 2;
    expect((await client.ask({ type: "GET_ROSPECS" }, "GET_ROSPECS_RESPONSE")).version).toBe(2);
    const late = await client.ask({ type: "GET_ROSPECS", version: 1 }, "ERROR_MESSAGE");
    expect(late.LLRPStatus.StatusCode).toBe(StatusCode.M_UnsupportedVersion);
  });

  it("to a reader whose line is cut dies, and new ones do until it is whole", async () => {
    const client = await bench.client();
    bench.reader.cut(true);
    await client.closed();
    const refused = await LlrpClient.connect(bench.tcpPort);
    await refused.closed();
    bench.reader.cut(false);
    await (await bench.client()).settle();
  });
});
