import { isIP } from "node:net";
import { resolve } from "node:path";
import { defineCommand, isLoopback, usageError } from "@storeward/runtime";
import type { SiteOptions } from "./site/options.js";
import { provisionSite } from "./site/provision-site.js";
import { loadSite } from "./site-file.js";
import type { Terminal } from "./terminal.js";

/** `storeward-provision site` */
export function siteCommand(terminal: Terminal) {
  return defineCommand({
    description: "Write every configuration, credential and access rule of a site from its description",
    usage: "--site FILE --out DIR [OPTIONS]",
    options: {
      site: { type: "string", description: "The description of the site", placeholder: "FILE" },
      out: { type: "string", description: "Folder to write to, kept for the next run", placeholder: "DIR" },
      "cloud-url": { type: "string", description: "Where agents reach the broker", placeholder: "mqtts://HOST:PORT" },
      "broker-url": { type: "string", description: "An outside broker, not the cloud's own", placeholder: "URL" },
      "ca-file": {
        type: "string",
        description: "PEM of the authority of the broker's certificate",
        placeholder: "FILE",
      },
      "http-port": { type: "string", description: "Port of page and API (default: 8080)", placeholder: "PORT" },
      "mqtt-port": {
        type: "string",
        description: "Port of the cloud's own broker (default: 1883)",
        placeholder: "PORT",
      },
      bind: {
        type: "string",
        description: "Address the cloud listens on (default: 127.0.0.1)",
        placeholder: "ADDRESS",
      },
      "cloud-data": { type: "string", description: "Folder of the cloud's database", placeholder: "DIR" },
      "influx-url": {
        type: "string",
        description: "An InfluxDB 1.x to be given the time series as well",
        placeholder: "URL",
      },
      "admin-password-file": {
        type: "string",
        description: "First administrator's password, else made",
        placeholder: "FILE",
      },
      insecure: { type: "boolean", description: "Allow plain text between machines" },
      "check-config": { type: "boolean", description: "Check the description only" },
    },
    run: async ({ values }) => {
      const { site: file, out, bind, insecure } = values;
      if (file === undefined) throw usageError("--site FILE is needed");
      const adminPasswordFile = values["admin-password-file"];
      const options: SiteOptions = {
        cloudUrl: mqttUrl("--cloud-url", values["cloud-url"] ?? values["broker-url"]),
        brokerUrl: mqttUrl("--broker-url", values["broker-url"]),
        caFile: values["ca-file"],
        httpPort: port("--http-port", values["http-port"]),
        mqttPort: port("--mqtt-port", values["mqtt-port"]),
        bind,
        cloudData: values["cloud-data"],
        influxUrl: httpUrl("--influx-url", values["influx-url"]),
        adminPasswordFile: adminPasswordFile === undefined ? undefined : resolve(adminPasswordFile),
        insecure,
      };
      if (bind !== undefined && isIP(bind) === 0 && !isLoopback(bind))
        throw usageError(`--bind must be an address of this machine, not ${bind}`);
      for (const url of [options.cloudUrl, options.brokerUrl, options.influxUrl])
        if (url !== undefined && !insecure) refuseOpen(url);
      const site = loadSite(file);
      if (values["check-config"] === true) return terminal.out(`${file} is good`);
      if (out === undefined) throw usageError("--out DIR is needed");
      const { written, kept, notes } = await provisionSite(site, file, out, options);
      for (const { path, note } of written) terminal.out(`wrote ${path}${note === undefined ? "" : ` (${note})`}`);
      for (const note of notes) terminal.err(note);
      terminal.out(
        `${out}: ${written.length} files written for the cloud and ${count(site.agents.length, "agent")}, ${kept} kept as they were`,
      );
    },
  });
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function refuseOpen(url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol !== "mqtts:" && protocol !== "https:" && !isLoopback(hostname)) {
    const safe = protocol.replace(":", "s://");
    throw usageError(`${url} would be spoken to in the clear: use ${safe}, or allow it with --insecure`);
  }
}

function port(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value < 1 || value > 65535)
    throw usageError(`${option} must be 1 to 65535, not ${text}`);
  return value;
}

function mqttUrl(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!/^mqtts?:\/\/[^\s/?#@]+\/?$/.test(text) || !URL.canParse(text))
    throw usageError(`${option} must be as mqtts://broker.example:8883, not ${text}`);
  return text;
}

function httpUrl(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!/^https?:\/\/[^\s/?#@]+\/?$/.test(text) || !URL.canParse(text))
    throw usageError(`${option} must be as http://127.0.0.1:8086, not ${text}`);
  return text;
}
