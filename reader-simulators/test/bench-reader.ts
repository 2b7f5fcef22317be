import type { LlrpParameter } from "@storeward/codecs/llrp";
import { createLogger, ManualClock } from "@storeward/runtime";
import type { AntennaPort } from "../src/devices/antenna-port.js";
import { LlrpReader, type LlrpReaderOptions } from "../src/devices/llrp/llrp-reader.js";
import { LlrpClient } from "./llrp-client.js";

export const EPCS = [1, 2, 3].map((n) => `30000000000000000000000${n}`);

/** An LLRP reader on the bench: tags as scripted, time as the test moves it. */
export class BenchReader {
  readonly clock = new ManualClock();
  readonly reader: LlrpReader;
  /** EPCs at each antenna. */
  readonly tags = new Map<number, string[]>();
  readonly powers: number[] = [];
  readonly unplugged = new Set<number>();
  now = 0;
  readonly #clients: LlrpClient[] = [];

  constructor(options: Partial<LlrpReaderOptions> & { antennas?: number; region?: "ETSI" | "FCC" } = {}) {
    const { antennas = 2, region = "ETSI", ...others } = options;
    const port: AntennaPort = {
      antennas: Array.from({ length: antennas }, (_, index) => index + 1),
      region,
      turnMs: () => 50,
      connected: (antenna) => !this.unplugged.has(antenna),
      read: (antenna, power, from) => {
        this.powers.push(power);
        if (this.unplugged.has(antenna)) return [];
        const epcs = this.tags.get(antenna) ?? [];
        return epcs.map((epc, index) => ({ epc, rssi: -50 - index, at: from + index, channel: 2, phase: 0 }));
      },
    };
    this.reader = new LlrpReader({
      id: "bench",
      port,
      time: { now: () => this.now, utc: (at) => BigInt(at) * 1000n + 1_000_000_000n },
      clock: this.clock,
      log: createLogger("test", { level: "silent" }),
      identity: new Uint8Array(8),
      firmware: "bench",
      tcpPort: 0,
      ...others,
    });
  }

  async start(): Promise<this> {
    await this.reader.start();
    return this;
  }

  get tcpPort(): number {
    return this.reader.address.port ?? 0;
  }

  async client(): Promise<LlrpClient> {
    const client = await LlrpClient.open(this.tcpPort);
    this.#clients.push(client);
    return client;
  }

  /** Simulated time passes, in steps of 50 ms. */
  pass(ms: number): void {
    for (const until = this.now + ms; this.now < until; ) {
      this.now += 50;
      this.reader.tick(this.now);
    }
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.end();
    await this.reader.stop();
  }
}

type ROSpec = LlrpParameter<"ROSpec">;
type AISpec = LlrpParameter<"AISpec">;

export function aiSpec(stop: Partial<AISpec["AISpecStopTrigger"]> = {}, antennas = [0]): AISpec & { type: "AISpec" } {
  return {
    type: "AISpec",
    AntennaIDs: antennas,
    AISpecStopTrigger: { AISpecStopTriggerType: 0, DurationTrigger: 0, ...stop },
    InventoryParameterSpec: [{ InventoryParameterSpecID: 7, ProtocolID: 1 }],
  };
}

/** Starts at once, never ends, reports every tag. */
export function roSpec(changes: Partial<ROSpec> = {}): ROSpec {
  return {
    ROSpecID: 1,
    Priority: 0,
    CurrentState: 0,
    ROBoundarySpec: {
      ROSpecStartTrigger: { ROSpecStartTriggerType: 1 },
      ROSpecStopTrigger: { ROSpecStopTriggerType: 0, DurationTriggerValue: 0 },
    },
    SpecParameter: [aiSpec()],
    ROReportSpec: reportSpec(1, 1),
    ...changes,
  };
}

export function reportSpec(
  ROReportTrigger: number,
  N: number,
  changes: Partial<LlrpParameter<"TagReportContentSelector">> = {},
): LlrpParameter<"ROReportSpec"> {
  return {
    ROReportTrigger,
    N,
    TagReportContentSelector: {
      EnableROSpecID: false,
      EnableSpecIndex: false,
      EnableInventoryParameterSpecID: false,
      EnableAntennaID: true,
      EnableChannelIndex: true,
      EnablePeakRSSI: true,
      EnableFirstSeenTimestamp: true,
      EnableLastSeenTimestamp: true,
      EnableTagSeenCount: true,
      EnableAccessSpecID: false,
      EnableCryptoResponse: false,
      ...changes,
    },
  };
}
