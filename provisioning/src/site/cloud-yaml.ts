import { KeptYaml } from "./kept-yaml.js";
import type { SiteOptions } from "./options.js";

const COMMENT = ` Written by storeward-provision: ledger, site, configKeyFile, broker.accounts and broker.passwordFile are ours; options given to it are
 written again. Everything else may be changed here and stays.`;

export const CLOUD_PASSWORD = "secrets/broker-password";
export const ADMIN_PASSWORD = "secrets/admin-password";
/** Signs what agents are configured with and told to do; its public half is in every agent.yaml. */
export const CONFIG_KEY = "secrets/config-key";
export const BROKER_CA = "broker-ca.pem";
export const DEFAULT_USER = "cloud";

/** `cloud.yaml`; paths in it are relative to its folder. `makesAdmin`: its administrator's password is one we make. */
export function cloudYaml(
  ledger: string,
  options: SiteOptions,
  before: string | undefined,
): { text: string; makesAdmin: boolean } {
  const yaml = new KeptYaml(before, COMMENT);
  if (options.cloudData !== undefined) yaml.own(["data"], options.cloudData);
  yaml.preset(["data"], "data");
  yaml.own(["ledger"], ledger);
  yaml.own(["site"], "site.yaml");
  yaml.own(["configKeyFile"], CONFIG_KEY);
  const asked = {
    http: { host: options.bind, port: options.httpPort, insecure: options.insecure ? true : undefined },
    broker: { host: options.bind, port: options.mqttPort, insecure: options.insecure ? true : undefined },
  };
  for (const [part, values] of Object.entries(asked))
    for (const [key, value] of Object.entries(values)) if (value !== undefined) yaml.own([part, key], value);
  yaml.preset(["http", "host"], "127.0.0.1");
  yaml.preset(["http", "port"], 8080);
  if (options.brokerUrl !== undefined) {
    yaml.own(["broker", "url"], options.brokerUrl);
    if (options.caFile !== undefined) yaml.own(["broker", "caFile"], BROKER_CA);
  }
  yaml.preset(["broker", "host"], "127.0.0.1");
  yaml.preset(["broker", "port"], 1883);
  yaml.own(["broker", "accounts"], "broker-accounts.json");
  yaml.preset(["broker", "username"], DEFAULT_USER);
  yaml.own(["broker", "passwordFile"], CLOUD_PASSWORD);
  if (options.influxUrl !== undefined) yaml.own(["timeSeries"], timeSeries(options.influxUrl, options.insecure));
  if (options.adminPasswordFile !== undefined) yaml.own(["admin", "passwordFile"], options.adminPasswordFile);
  else yaml.preset(["admin", "passwordFile"], ADMIN_PASSWORD);
  return { text: yaml.toString(), makesAdmin: yaml.get(["admin", "passwordFile"]) === ADMIN_PASSWORD };
}

/** The database first, for the page reads from the first. */
function timeSeries(url: string, insecure: boolean | undefined): unknown[] {
  return [
    { kind: "database" },
    { kind: "influx1", url, database: "storeward", ...(insecure ? { insecure: true } : {}) },
  ];
}
