import { readFileSync } from "node:fs";
import { zebraTopics } from "@storeward/contracts";
import { randomHex } from "@storeward/runtime";
import { Counters } from "../counters.js";
import { ending } from "../ending.js";
import { isRecord, parseJson, textOf } from "../json-values.js";
import type { Probe, ProbeReport } from "../probe.js";
import { BrokerConnection } from "./connection.js";
import { Dialogue } from "./dialogue.js";
import { E } from "./errors.js";
import { radioStatus } from "./radio-status.js";
import { powerLimits, unlessRefused } from "./setup.js";

/**
 * Asks a reader with Zebra's IoT Connector by the broker that it publishes to: `get_…` only, and so also one that is being read. Its name
 * at the broker is one of its own, so that nobody else's connection is taken over.
 */
export const probeZebraIot: Probe = async ({ url = "", serial = "", tenant, caFile }, { clock, login, signal }) => {
  const topics = zebraTopics({ serial, ...(tenant === undefined ? {} : { tenant }) });
  const { fail, ended } = ending();
  const onAbort = (): void => fail(signal.reason);
  const broker = new BrokerConnection({
    url,
    clientId: `storeward-probe-${randomHex(4)}`,
    ...login,
    ca: caFile === undefined ? undefined : readFileSync(caFile),
    subscriptions: [...new Set([topics.managementResponse, topics.controlResponse])],
    onMessage: (_topic, payload, retained) => {
      const message = parseJson(payload.toString("utf8"));
      if (!retained && isRecord(message)) dialogue.answer(message);
    },
    onClosed: fail,
  });
  const publish = (topic: string, payload: string): void => broker.publish(topic, payload);
  const dialogue = new Dialogue({ clock, counters: new Counters(), topics, publish });
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([broker.ready(), ended]);
    return await Promise.race([reportOf(dialogue), ended]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    dialogue.end(E.ZEBRA_CLOSED({ reason: "closed" }));
    await broker.close({ goodbye: true });
  }
};

async function reportOf(dialogue: Dialogue): Promise<ProbeReport> {
  const version = await dialogue.call("get_version");
  const region = (await unlessRefused(dialogue.ask("get_region"))) ?? {};
  const { antennas, active } = radioStatus((await unlessRefused(dialogue.ask("get_status"))) ?? {});
  const { min, max } = powerLimits(region);
  const numbers = [...antennas.keys()].sort((a, b) => a - b);
  return {
    model: `Zebra ${textOf(version.model) ?? "reader"}`,
    firmware: textOf(version.readerApplication),
    serial: textOf(version.serialNumber),
    region: textOf(region.regulatoryStandard) ?? textOf(region.region),
    antennas: numbers,
    connected: numbers.length === 0 ? undefined : numbers.filter((antenna) => antennas.get(antenna)),
    power: min === undefined || max === undefined ? undefined : `${min} to ${max} dBm`,
    features: active === undefined ? [] : [`inventory, now ${active ? "active" : "inactive"}`],
    notes: [],
  };
}
