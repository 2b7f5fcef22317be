import type { AntennaTelemetry, ReaderTelemetry } from "@storeward/contracts";
import { type DeviceFacts, unsentRows } from "./facts.js";
import { healthOf } from "./health.js";
import { html, Markup } from "./html.js";
import { SCRIPT, STYLE } from "./look.js";

/** Readers tell from about −80 dBm (a tag hardly heard) to −30 dBm (one on the antenna). */
const WEAKEST_DBM = -80;
const STRONGEST_DBM = -30;
const WINDOW_SECONDS = 10;

/** The status page. Reads well without its script, which only keeps it fresh. */
export function pageOf(facts: DeviceFacts): string {
  const { telemetry, software } = facts;
  const health = healthOf(facts);
  const title = `${health.well ? "" : "⚠ "}${telemetry.agent} · Storeward`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
<noscript><meta http-equiv="refresh" content="10"></noscript>
</head>
<body>
<header><h1>${telemetry.agent}</h1><span class="soft">${software}</span></header>
<main>
<section class="card ${health.well ? "well" : "unwell"}" id="said" role="status">${saidOf(health)}</section>
<p class="card unwell" id="late" hidden>This device does not answer: what is shown may be old.</p>
<div id="facts">
${telemetry.readers.map((reader) => readerOf(reader, telemetry.at.mono))}
${deviceOf(facts)}
</div>
</main>
<footer><span id="moment">As of ${telemetry.at.wall}, by the device's own clock.</span>
<a href="/metrics">Metrics</a> · <a href="/healthz">Health</a></footer>
<script>${new Markup(SCRIPT)}</script>
</body>
</html>
`.text;
}

function saidOf({ well, words }: ReturnType<typeof healthOf>): Markup {
  const heading = well
    ? words.length === 0
      ? "All is well"
      : "Reading; something wants a look"
    : "Somebody must have a look";
  if (words.length === 0) return html`<h2>${heading}</h2>`;
  return html`<h2>${heading}</h2><ul>${words.map((word) => html`<li>${word}</li>`)}</ul>`;
}

function readerOf(reader: ReaderTelemetry, now: number): Markup {
  const what = [reader.driver, reader.model, reader.firmware].filter((part) => part !== undefined).join(" · ");
  const wrong = Object.entries(reader.counters).filter(([, count]) => count > 0);
  return html`<section class="card" aria-labelledby="reader-${reader.reader}">
<div class="head"><h2 id="reader-${reader.reader}">${reader.reader}</h2>
<span class="state ${reader.state}">${reader.state}</span>
<span class="soft">for ${duration(now - reader.since)} · ${what}</span></div>
${reader.error === undefined ? undefined : html`<p class="blind">${reader.error}</p>`}
<table><caption>Antennas of ${reader.reader}</caption>
<thead><tr><th scope="col">Antenna</th><th scope="col">Read point</th><th scope="col">State</th><th scope="col" class="right">Reads/s</th>
<th scope="col" class="right">Tags</th><th scope="col">RSSI mean, max</th><th scope="col" class="right">Power</th><th scope="col">Last read</th></tr></thead>
<tbody>${reader.antennas.map((antenna) => antennaOf(antenna, reader.error, now))}</tbody></table>
${wrong.length === 0 ? undefined : html`<p class="soft">${wrong.map(([name, count]) => `${name} ${count}`).join(", ")}</p>`}
</section>`;
}

/** `said`: what is wrong with the whole reader need not be said of each antenna. */
function antennaOf(antenna: AntennaTelemetry, said: string | undefined, now: number): Markup {
  const { readPoint, state, error, reads, tags, rssiMean, rssiMax, power, lastRead } = antenna;
  const why = error === undefined || said?.startsWith(error) ? undefined : html`<br><span class="soft">${error}</span>`;
  return html`<tr><td data-label="Antenna">${antenna.antenna}</td><td data-label="Read point">${readPoint}</td>
<td data-label="State"><span><span class="state ${state}">${state}</span>${why}</span></td>
<td data-label="Reads/s" class="right">${(reads / WINDOW_SECONDS).toFixed(1)}</td><td data-label="Tags" class="right">${tags}</td>
<td data-label="RSSI mean, max">${strengthOf(rssiMean, rssiMax)}</td>
<td data-label="Power" class="right">${power === undefined ? "–" : `${power} dBm`}</td>
<td data-label="Last read">${lastRead === undefined ? "never" : `${duration(now - lastRead)} ago`}</td></tr>`;
}

function strengthOf(mean: number | undefined, max: number | undefined): Markup {
  if (mean === undefined || max === undefined) return html`<span>–</span>`;
  return html`<span><meter aria-hidden="true" min="${WEAKEST_DBM}" max="${STRONGEST_DBM}" value="${mean}"></meter>${mean}, ${max} dBm</span>`;
}

function deviceOf({ telemetry, uplink, clock, oldestUnsentMs, configuration }: DeviceFacts): Markup {
  const { journal, filtered, host, at } = telemetry;
  const unsent = unsentRows(telemetry);
  const connection = uplink.connected
    ? `${uplink.answered ? "connected" : "connected, the cloud does not answer yet"} for ${duration(at.mono - (uplink.since ?? at.mono))}`
    : "not connected";
  const facts: readonly (readonly [name: string, text: string])[] = [
    ["Uplink", `${connection}; ${uplink.url}`],
    [
      "Still to be sent",
      oldestUnsentMs === undefined ? "nothing" : `${unsent} rows, the oldest ${duration(oldestUnsentMs)} old`,
    ],
    ["Journal", `${bytes(journal.bytes)} of ${bytes(journal.maxBytes)}; row ${journal.head}`],
    ["Refused for want of room", `${journal.refused} rows`],
    ["Clock", clockOf(clock)],
    ["Configuration", `version ${configuration.version}, from ${configuration.from}`],
    [
      "Not kept by the EPC filter",
      `${filtered.foreign + (filtered.excluded ?? 0)} reads of other tags, ${filtered.persons} of badges and wristbands`,
    ],
    ["Process", `${bytes(host.rssBytes)} of memory, up ${duration(host.uptimeSeconds * 1_000)}`],
    ["Free on the disk", host.freeDiskBytes === undefined ? "unknown" : bytes(host.freeDiskBytes)],
  ];
  return html`<section class="card" aria-labelledby="device"><h2 id="device">Device</h2>
<dl>${facts.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl></section>`;
}

function clockOf(clock: DeviceFacts["clock"]): string {
  if (clock === undefined) return "not compared yet: the cloud has not told the time";
  const { offsetMs, plusMinusMs, source } = clock;
  const size = Math.abs(offsetMs);
  const off = size <= plusMinusMs ? "right" : `${duration(size)} ${offsetMs > 0 ? "slow" : "fast"}`;
  return `${off} (to ± ${duration(plusMinusMs)}), by ${source}`;
}

function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3_600 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}

function bytes(count: number): string {
  const [size, unit] =
    count < 1024 ** 2
      ? [count / 1024, "KiB"]
      : count < 1024 ** 3
        ? [count / 1024 ** 2, "MiB"]
        : [count / 1024 ** 3, "GiB"];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}
