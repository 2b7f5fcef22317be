import type { Site } from "@storeward/contracts";
import { partOf } from "../site-file.js";
import { KeptYaml } from "./kept-yaml.js";
import type { SiteOptions } from "./options.js";

const COMMENT = ` Written by storeward-provision: agent, epcFilter, readers, readPoints, cloud.username, cloud.ledger and cloud.configKey come from
 site.yaml and are written again with the next run. Everything else may be changed here and stays.`;

/** `agent.yaml` of one agent. Its version grows by one when anything in it changes. */
export function agentYaml(
  site: Site,
  agent: string,
  about: { ledger: string; configKey: string; options: SiteOptions; before: string | undefined },
): { text: string; version: number } {
  const { ledger, configKey, options, before } = about;
  const yaml = new KeptYaml(before, COMMENT);
  yaml.preset(["version"], 1);
  yaml.own(["agent"], agent);
  yaml.preset(["data"], "data");
  yaml.preset(["cloud", "url"], options.cloudUrl ?? loopback(options.mqttPort ?? 1883));
  if (options.cloudUrl !== undefined) yaml.own(["cloud", "url"], options.cloudUrl);
  else if (options.mqttPort !== undefined && isLoopback(yaml.get(["cloud", "url"])))
    yaml.own(["cloud", "url"], loopback(options.mqttPort));
  yaml.own(["cloud", "username"], agent);
  yaml.preset(["cloud", "passwordFile"], "password");
  if (options.caFile !== undefined) yaml.own(["cloud", "caFile"], "ca.pem");
  if (options.insecure) yaml.own(["cloud", "insecure"], true);
  yaml.own(["cloud", "ledger"], ledger);
  yaml.own(["cloud", "configKey"], configKey);
  yaml.own(["epcFilter"], site.epcFilter);
  const part = partOf(site, agent);
  yaml.own(["readers"], part.readers);
  yaml.own(["readPoints"], part.readPoints);
  if (before !== undefined && yaml.changed) yaml.own(["version"], Number(yaml.get(["version"])) + 1);
  return { text: yaml.toString(), version: Number(yaml.get(["version"])) };
}

function loopback(port: number): string {
  return `mqtt://127.0.0.1:${port}`;
}

function isLoopback(url: unknown): boolean {
  return typeof url === "string" && /^mqtt:\/\/127\.0\.0\.1:\d+$/.test(url);
}
