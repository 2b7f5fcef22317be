import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NotificationEventType } from "@storeward/codecs/llrp";
import { Site } from "@storeward/contracts";
import { createLogger, loadConfig, ManualClock } from "@storeward/runtime";
import type { LlrpFlavour } from "../src/devices/llrp/flavour.js";
import { LlrpReader } from "../src/devices/llrp/llrp-reader.js";
import { siteWiring } from "../src/devices/site-wiring.js";
import { Hospital, STEP_MS } from "../src/hospital/hospital.js";
import { parseItems } from "../src/hospital/items.js";
import { EMPTY_SCENARIO } from "../src/hospital/scenario.js";
import { aiSpec, reportSpec, roSpec } from "./bench-reader.js";
import { LlrpClient } from "./llrp-client.js";
import type { PcapFile } from "./pcap.js";

const FOLDER = join(import.meta.dirname, "../site");
const KEEPALIVE_MS = 10_000;
/** How long a connection lasts, and how long the reader is then alone, with what it holds. */
const CONNECTED_MS = 600_000;
const ALONE_MS = 20_000;
/** Every so often something goes wrong. */
const TROUBLE_MS = 45_000;
/** One of each kind of reader. */
const FLAVOURS: readonly LlrpFlavour[] = [{}, { vendor: "impinj" }, { newestVersion: 1, utc: false }];

interface Line {
  readonly device: LlrpReader;
  readonly flavour: LlrpFlavour;
  client: LlrpClient | undefined;
  connection: number;
  until: number;
  unplugged: boolean;
  readonly cable: (on: boolean) => void;
}

/**
 * The hospital in a box for `ms` of simulated time, its LLRP readers of different kinds heard by clients over real sockets, and every byte
 * of it written to `capture`: provisioning, reports, keepalives, pulled antennas, exceptions, restarts, reports held and released.
 */
export async function captureHospital(capture: PcapFile, ms: number): Promise<{ tags: number; connections: number }> {
  const site = loadConfig(Site, join(FOLDER, "site.yaml"));
  const items = parseItems(readFileSync(join(FOLDER, "items.csv"), "utf8"));
  const hospital = new Hospital({ site, items, scenario: EMPTY_SCENARIO, seed: 11, pace: 1, startedAt: 0 });
  const clock = new ManualClock();
  const wiring = siteWiring(site, hospital, 11);
  const readers = site.readers.filter(({ driver }) => driver === "llrp");
  let connections = 0;
  let tags = 0;

  const lines = readers.map((reader, index): Line => {
    const { port, connect } = wiring(reader);
    const flavour = FLAVOURS[index % FLAVOURS.length] ?? {};
    const device = new LlrpReader({
      id: reader.id,
      port,
      time: { now: () => hospital.elapsed, utc: (at) => BigInt(Math.round((1_800_000_000_000 + at) * 1000)) },
      clock,
      log: createLogger("test", { level: "silent" }),
      identity: Uint8Array.of(2, 0, 0, 0, 0, 0, 0, index),
      firmware: "1",
      tcpPort: 0,
      flavour,
    });
    const cable = (on: boolean) => {
      if (connect(1, on)) device.antennaChanged(1, on);
    };
    return { device, flavour, client: undefined, connection: 0, until: 0, unplugged: false, cable };
  });

  const begin = async (line: Line) => {
    const client = await LlrpClient.connect(line.device.address.port ?? 0);
    line.client = client;
    line.connection = connections++;
    line.until = hospital.elapsed + CONNECTED_MS;
    client.listen = (from, bytes) => capture.say(line.connection, { from, bytes }, hospital.elapsed);
    await client.take("READER_EVENT_NOTIFICATION");
    await provision(client, line.flavour);
  };
  const finish = async (line: Line) => {
    line.client?.end();
    line.client = undefined;
    line.until = hospital.elapsed + ALONE_MS;
    capture.end(line.connection, hospital.elapsed);
    while (line.device.status().connected === true) await new Promise((resolve) => setImmediate(resolve));
  };
  /** What came is heard and answered; reports are counted and dropped. */
  const hear = (line: Line) => {
    const { client } = line;
    for (const message of client?.received.splice(0) ?? []) {
      if (message.type === "KEEPALIVE") client?.send({ type: "KEEPALIVE_ACK" });
      if (message.type === "RO_ACCESS_REPORT") tags += message.TagReportData?.length ?? 0;
    }
  };
  const trouble = (line: Line, number: number) => {
    if (number % 3 === 0) line.cable(line.unplugged);
    if (number % 3 === 0) line.unplugged = !line.unplugged;
    if (number % 3 === 1) line.device.exception("the antenna reflects", 2);
    if (number % 30 === 2) line.device.reboot();
  };

  for (const { device } of lines) await device.start();
  try {
    for (const line of lines) await begin(line);
    for (let number = 0; hospital.elapsed < ms; ) {
      for (let step = 0; step < 1000 / STEP_MS; step++) {
        hospital.step();
        for (const { device } of lines) device.tick(hospital.elapsed);
      }
      await clock.advance(1000);
      for (const line of lines) {
        const { client } = line;
        if (client !== undefined && line.device.status().connected === true) await client.settle();
        hear(line);
        const gone = client !== undefined && line.device.status().connected !== true;
        if (gone || hospital.elapsed >= line.until) {
          if (client === undefined) await begin(line);
          else await finish(line);
        }
      }
      if (hospital.elapsed / TROUBLE_MS > number + 1) {
        const line = lines[number % lines.length];
        if (line !== undefined) trouble(line, Math.floor(number / lines.length));
        number++;
      }
    }
    for (const line of lines) if (line.client !== undefined) await finish(line);
  } finally {
    for (const { client, device } of lines) {
      client?.end();
      await device.stop();
    }
  }
  return { tags, connections };
}

/** As a client does that knows what it wants: the version, the vendor's extensions, events, keepalives, hold, an ROSpec. */
async function provision(client: LlrpClient, flavour: LlrpFlavour): Promise<void> {
  if (flavour.newestVersion === 1) await client.ask({ type: "GET_SUPPORTED_VERSION", version: 2 }, "ERROR_MESSAGE");
  else {
    await client.ask({ type: "GET_SUPPORTED_VERSION", version: 2 }, "GET_SUPPORTED_VERSION_RESPONSE");
    await client.ask({ type: "SET_PROTOCOL_VERSION", version: 2, ProtocolVersion: 2 }, "SET_PROTOCOL_VERSION_RESPONSE");
    client.version = 2;
  }
  const impinj = flavour.vendor === "impinj";
  await client.ask({ type: "GET_READER_CAPABILITIES", RequestedData: 0 }, "GET_READER_CAPABILITIES_RESPONSE");
  if (impinj) await client.ask({ type: "IMPINJ_ENABLE_EXTENSIONS" }, "IMPINJ_ENABLE_EXTENSIONS_RESPONSE");
  const everything = { AntennaID: 0, RequestedData: 0, GPIPortNum: 0, GPOPortNum: 0 };
  await client.ask({ type: "GET_READER_CONFIG", ...everything }, "GET_READER_CONFIG_RESPONSE");
  const { SpecLoop_Event, ...events } = NotificationEventType;
  const wanted = flavour.newestVersion === 1 ? events : { ...events, SpecLoop_Event };
  await client.ask(
    {
      type: "SET_READER_CONFIG",
      ResetToFactoryDefault: false,
      ReaderEventNotificationSpec: {
        EventNotificationState: Object.values(wanted).map((EventType) => ({ EventType, NotificationState: true })),
      },
      KeepaliveSpec: { KeepaliveTriggerType: 1, PeriodicTriggerValue: KEEPALIVE_MS },
      EventsAndReports: { HoldEventsAndReportsUponReconnect: true },
      ...(impinj
        ? { Custom: [{ type: "ImpinjLinkMonitorConfiguration", LinkMonitorMode: 1, LinkDownThreshold: 2 }] }
        : {}),
    },
    "SET_READER_CONFIG_RESPONSE",
  );
  const { ROSpec } = await client.ask({ type: "GET_ROSPECS" }, "GET_ROSPECS_RESPONSE");
  if (ROSpec === undefined) {
    await client.ask({ type: "DELETE_ACCESSSPEC", AccessSpecID: 0 }, "DELETE_ACCESSSPEC_RESPONSE");
    await client.ask({ type: "DELETE_ROSPEC", ROSpecID: 0 }, "DELETE_ROSPEC_RESPONSE");
    await client.ask({ type: "ADD_ROSPEC", ROSpec: specFor(flavour) }, "ADD_ROSPEC_RESPONSE");
    await client.ask({ type: "ENABLE_ROSPEC", ROSpecID: 1 }, "ENABLE_ROSPEC_RESPONSE");
  }
  client.send({ type: "ENABLE_EVENTS_AND_REPORTS" });
}

function specFor({ vendor, newestVersion }: LlrpFlavour) {
  const memory = { C1G2EPCMemorySelector: [{ EnableCRC: true, EnablePCBits: true, EnableXPCBits: false }] };
  const ids = { EnableROSpecID: true, EnableSpecIndex: true, EnableInventoryParameterSpecID: true };
  // One reports every tag, the others by cycles.
  if (vendor === "impinj") {
    const Custom = [{ type: "ImpinjTagReportContentSelector", ImpinjEnablePeakRSSI: { PeakRSSIMode: 1 } } as const];
    return roSpec({ ROReportSpec: { ...reportSpec(1, 1), Custom } });
  }
  const cycle = aiSpec({ AISpecStopTriggerType: 1, DurationTrigger: 1000 });
  if (newestVersion === 1) return roSpec({ SpecParameter: [aiSpec()], ROReportSpec: reportSpec(1, 20, ids) });
  return roSpec({
    SpecParameter: [cycle, { type: "LoopSpec", LoopCount: 0 }],
    ROReportSpec: reportSpec(1, 0, { ...ids, ...memory }),
  });
}
