import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NotificationEventType } from "@storeward/codecs/llrp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aiSpec, BenchReader, EPCS, reportSpec, roSpec } from "./bench-reader.js";
import { PcapFile, type Spoken } from "./pcap.js";
import { complaints, skipTshark, tshark } from "./tshark.js";

const PORT = 5084;

describe.skipIf(skipTshark)("tshark, which knows LLRP from elsewhere (skipped where it is not installed)", () => {
  let folder = "";
  let file = "";
  let spoken: Spoken[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "storeward-tshark-"));
    file = join(folder, "llrp.pcap");
    spoken = await conversation();
    const capture = new PcapFile(file, PORT);
    for (const [index, message] of spoken.entries()) capture.say(0, message, index * 1000);
    capture.close();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("finds every message of a whole conversation, and nothing malformed", async () => {
    expect(await complaints(file, PORT)).toEqual([]);
    const types = (await tshark(file, PORT, "-Y", "llrp", "-T", "fields", "-e", "llrp.type"))
      .split(/[\s,]+/)
      .filter((type) => type !== "");
    expect(types.length).toBe(spoken.length);
    // Among them responses of all kinds, reports and events.
    for (const type of [11, 12, 13, 30, 36, 50, 54, 56, 57, 61, 62, 63, 100]) expect(types).toContain(String(type));
  });

  it("would find a message that is not as it should be", async () => {
    const damaged = join(folder, "damaged.pcap");
    const capture = new PcapFile(damaged, PORT);
    for (const [index, { from, bytes }] of spoken.entries()) {
      const copy = Uint8Array.from(bytes);
      // The first parameter of each report claims one byte too much.
      if ((copy[1] ?? 0) === 61 && copy.length > 14) copy[13] = (copy[13] ?? 0) + 1;
      capture.say(0, { from, bytes: copy }, index * 1000);
    }
    capture.close();
    expect((await complaints(damaged, PORT)).length).toBeGreaterThan(0);
  });
});

/** Everything a reader can say, message by message. */
async function conversation(): Promise<Spoken[]> {
  const bench = await new BenchReader({ antennas: 2 }).start();
  bench.tags.set(1, [EPCS[0]!, "36".padEnd(52, "5")]);
  const client = await bench.client();
  const spoken: Spoken[] = [];
  client.listen = (from, bytes) => spoken.push({ from, bytes });
  try {
    await client.ask({ type: "GET_SUPPORTED_VERSION", version: 2 }, "GET_SUPPORTED_VERSION_RESPONSE");
    await client.ask({ type: "SET_PROTOCOL_VERSION", version: 2, ProtocolVersion: 2 }, "SET_PROTOCOL_VERSION_RESPONSE");
    client.version = 2;
    await client.ask({ type: "GET_READER_CAPABILITIES", RequestedData: 0 }, "GET_READER_CAPABILITIES_RESPONSE");
    const everything = { AntennaID: 0, RequestedData: 0, GPIPortNum: 0, GPOPortNum: 0 };
    await client.ask({ type: "GET_READER_CONFIG", ...everything }, "GET_READER_CONFIG_RESPONSE");
    const EventNotificationState = Object.values(NotificationEventType).map((EventType) => ({
      EventType,
      NotificationState: true,
    }));
    await client.ask(
      {
        type: "SET_READER_CONFIG",
        ResetToFactoryDefault: false,
        ReaderEventNotificationSpec: { EventNotificationState },
        KeepaliveSpec: { KeepaliveTriggerType: 1, PeriodicTriggerValue: 1000 },
      },
      "SET_READER_CONFIG_RESPONSE",
    );
    await client.ask(
      {
        type: "ADD_ACCESSSPEC",
        AccessSpec: {
          AccessSpecID: 1,
          AntennaID: 0,
          ProtocolID: 1,
          CurrentState: 0,
          ROSpecID: 0,
          AccessSpecStopTrigger: { AccessSpecStopTrigger: 0, OperationCountValue: 0 },
          AccessCommand: {
            C1G2TagSpec: {
              C1G2TargetTag: [
                {
                  MB: 1,
                  Match: true,
                  Pointer: 32,
                  TagMask: { bitCount: 8, bytes: Uint8Array.of(255) },
                  TagData: { bitCount: 8, bytes: Uint8Array.of(0x30) },
                },
              ],
            },
            AccessCommandOpSpec: [
              { type: "C1G2Read", OpSpecID: 1, AccessPassword: 0, MB: 2, WordPointer: 0, WordCount: 0 },
            ],
          },
        },
      },
      "ADD_ACCESSSPEC_RESPONSE",
    );
    await client.ask({ type: "ENABLE_ACCESSSPEC", AccessSpecID: 1 }, "ENABLE_ACCESSSPEC_RESPONSE");
    await client.ask({ type: "GET_ACCESSSPECS" }, "GET_ACCESSSPECS_RESPONSE");
    const all = {
      EnableROSpecID: true,
      EnableSpecIndex: true,
      EnableInventoryParameterSpecID: true,
      EnableAccessSpecID: true,
    };
    const memory = { C1G2EPCMemorySelector: [{ EnableCRC: true, EnablePCBits: true, EnableXPCBits: false }] };
    const ROSpec = roSpec({
      SpecParameter: [aiSpec({ AISpecStopTriggerType: 1, DurationTrigger: 200 }), { type: "LoopSpec", LoopCount: 2 }],
      ROReportSpec: reportSpec(1, 0, { ...all, ...memory }),
    });
    await client.ask({ type: "ADD_ROSPEC", ROSpec }, "ADD_ROSPEC_RESPONSE");
    await client.ask({ type: "ENABLE_ROSPEC", ROSpecID: 1 }, "ENABLE_ROSPEC_RESPONSE");
    await client.ask({ type: "GET_ROSPECS" }, "GET_ROSPECS_RESPONSE");
    bench.pass(1000);
    bench.reader.antennaChanged(2, false);
    client.send({ type: "GET_REPORT" });
    await bench.clock.advance(1000);
    await client.ask(
      { type: "ADD_ROSPEC", ROSpec: roSpec({ SpecParameter: [aiSpec({}, [9])] }) },
      "ADD_ROSPEC_RESPONSE",
    );
    await client.ask(
      { type: "CUSTOM_MESSAGE", VendorIdentifier: 1, MessageSubtype: 1, Data: new Uint8Array(3) },
      "ERROR_MESSAGE",
    );
    await client.ask({ type: "CLOSE_CONNECTION" }, "CLOSE_CONNECTION_RESPONSE");
    return spoken;
  } finally {
    await bench.stop();
  }
}
