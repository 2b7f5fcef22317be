import { Counter, Gauge, Registry } from "prom-client";
import { type DeviceFacts, unsentRows } from "./facts.js";

const PREFIX = "storeward_edge_";
/** Of `readers/antenna-book.ts`: over how long reads are counted, s. */
const WINDOW_SECONDS = 10;

type Labels = Readonly<Record<string, string | number>>;

/**
 * The facts as Prometheus text. A registry of its own for each answer: a reader that is gone leaves no series behind, and there are never
 * more than readers, antennas and read points are configured.
 */
export async function metricsOf(facts: DeviceFacts): Promise<string> {
  const sheet = new Sheet();
  const { telemetry, configuration, uplink, clock } = facts;
  sheet.gauge("info", "Which device and program this is; always 1", 1, {
    agent: telemetry.agent,
    software: facts.software,
  });
  sheet.gauge("configuration_version", "Of the configuration that holds", configuration.version);
  for (const reader of telemetry.readers) readerMetrics(sheet, reader);
  const { journal, host, filtered } = telemetry;
  sheet.gauge("journal_unsent_rows", "Rows that the cloud has not committed", unsentRows(telemetry));
  sheet.gauge(
    "journal_oldest_unsent_seconds",
    "Age of the oldest of them; 0: none",
    (facts.oldestUnsentMs ?? 0) / 1_000,
  );
  sheet.gauge("journal_bytes", "Size of the journal on the disk", journal.bytes);
  sheet.gauge("journal_max_bytes", "Size the journal may have", journal.maxBytes);
  sheet.gauge("journal_full", "1: what is read now is not kept", journal.full ? 1 : 0);
  sheet.counter("journal_rows_total", "Rows of this life of the journal", journal.head);
  sheet.counter("journal_refused_rows_total", "Rows that found no room since the start", journal.refused);
  sheet.gauge("uplink_connected", "1: connected to the broker", uplink.connected ? 1 : 0);
  sheet.gauge("uplink_answered", "1: the cloud answers", uplink.answered ? 1 : 0);
  sheet.gauge("uplink_outstanding_bytes", "Sent and not answered", telemetry.uplink.outstandingBytes);
  sheet.gauge("uplink_credit_bytes", "What may be outstanding", telemetry.uplink.credit);
  sheet.counter("uplink_resends_total", "Batches sent again", telemetry.uplink.resends);
  sheet.counter("uplink_rejects_total", "Batches that the cloud could not read", telemetry.uplink.rejects);
  sheet.counter("uplink_reconnects_total", "Connections lost or refused", telemetry.uplink.reconnects);
  const kinds = "Reads outside the EPC filter (foreign) and of badges and wristbands (person): counted, never kept";
  sheet.counter("filtered_reads_total", kinds, filtered.foreign, { kind: "foreign" });
  sheet.counter("filtered_reads_total", kinds, filtered.persons, { kind: "person" });
  sheet.counter("filtered_reads_total", kinds, filtered.excluded ?? 0, { kind: "excluded" });
  sheet.counter("filtered_reads_total", kinds, filtered.crowded ?? 0, { kind: "crowded" });
  if (clock !== undefined) {
    sheet.gauge("clock_offset_seconds", "UTC minus the device's clock", clock.offsetMs / 1_000);
    sheet.gauge("clock_uncertainty_seconds", "How wrong that may be, either way", clock.plusMinusMs / 1_000);
  }
  sheet.gauge("problems", "Things that somebody must look at", (telemetry.problems ?? []).length);
  sheet.gauge("resident_memory_bytes", "Memory of the process", host.rssBytes);
  sheet.gauge("uptime_seconds", "Since the process started", host.uptimeSeconds);
  sheet.counter("cpu_seconds_total", "Processor time of the process", cpuSeconds());
  if (host.freeDiskBytes !== undefined) sheet.gauge("disk_free_bytes", "Free beside the journal", host.freeDiskBytes);
  return sheet.text();
}

function readerMetrics(sheet: Sheet, reader: DeviceFacts["telemetry"]["readers"][number]): void {
  const of = { reader: reader.reader };
  sheet.gauge("reader_watching", "1: connected and reading", reader.state === "watching" ? 1 : 0, of);
  for (const [event, count] of Object.entries(reader.counters))
    sheet.counter("reader_link_events_total", "What went wrong on the link, by name", count, { ...of, event });
  for (const { antenna, readPoint, state, reads, tags, rssiMean, rssiMax, power } of reader.antennas) {
    const at = { ...of, antenna, read_point: readPoint };
    sheet.gauge("antenna_watching", "1: watching; 0: blind or doubtful", state === "watching" ? 1 : 0, at);
    sheet.gauge("antenna_reads_per_second", "Over the last whole 10 s", reads / WINDOW_SECONDS, at);
    sheet.gauge("antenna_tags", "Different tags read in the last whole 10 s", tags, at);
    if (rssiMean !== undefined)
      sheet.gauge("antenna_rssi_mean_dbm", "Of the reads in the last whole 10 s", rssiMean, at);
    if (rssiMax !== undefined) sheet.gauge("antenna_rssi_max_dbm", "Of the reads in the last whole 10 s", rssiMax, at);
    if (power !== undefined) sheet.gauge("antenna_power_dbm", "Configured transmit power", power, at);
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Metrics of one answer; the labels of a name are those it was first given with. */
class Sheet {
  readonly #registry = new Registry();
  readonly #gauges = new Map<string, Gauge>();
  readonly #counters = new Map<string, Counter>();

  gauge(name: string, help: string, value: number, labels: Labels = {}): void {
    const known = this.#gauges.get(name) ?? new Gauge(this.#settings(name, help, labels));
    this.#gauges.set(name, known);
    known.set({ ...labels }, value);
  }

  counter(name: string, help: string, value: number, labels: Labels = {}): void {
    const known = this.#counters.get(name) ?? new Counter(this.#settings(name, help, labels));
    this.#counters.set(name, known);
    known.inc({ ...labels }, value);
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #settings(name: string, help: string, labels: Labels) {
    return { name: `${PREFIX}${name}`, help, labelNames: Object.keys(labels), registers: [this.#registry] };
  }
}
