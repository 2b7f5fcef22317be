import { resolve } from "node:path";
import { defineErrors } from "@storeward/runtime";

const E = defineErrors({
  BOX_PORT_INVALID: { template: "{name} is {value}, which is no port: give a whole number from 1 to 65535" },
  BOX_URL_INVALID: { template: "{name} is {value}, which is no address: give one as {example}" },
});

/** What can be chosen about the box: the environment's part is fixed, so that others can rely on it. */
export interface BoxSettings {
  /** Page and API, `STOREWARD_PORT`. */
  readonly httpPort: number;
  /** MQTT, `STOREWARD_MQTT_PORT`. */
  readonly mqttPort: number;
  /** `STOREWARD_DATA`, absolute. */
  readonly data: string;
  /** `STOREWARD_ADMIN_PASSWORD`; generated where absent. */
  readonly adminPassword: string | undefined;
  readonly fresh: boolean;
  /** Of the simulated hospital; undefined: as before, or 1. */
  readonly seed: string | undefined;
  readonly pace: string;
  readonly outside: OutsideServers;
  /** Address that the cloud listens on, `STOREWARD_BIND`; undefined: loopback. */
  readonly bind: string | undefined;
  /** Plain text to and from other machines is allowed, `STOREWARD_INSECURE=true`: for networks that hold nothing else. */
  readonly insecure: boolean;
}

/** Servers that are there already, and not to be started by the box; a PostgreSQL is named to the cloud by `DATABASE_URL`. */
interface OutsideServers {
  /** `STOREWARD_BROKER_URL`: an MQTT broker that admits whom `provisioned/mosquitto` names. */
  readonly broker: string | undefined;
  /** `STOREWARD_CLOUD_URL`: page and API of a cloud that runs with `provisioned/cloud/cloud.yaml`. */
  readonly cloud: string | undefined;
  /** `STOREWARD_INFLUX_URL`: an InfluxDB 1.x that is given the time series too. */
  readonly influx: string | undefined;
}

/** Reads the environment. Errors: BOX_PORT_INVALID, BOX_URL_INVALID. */
export function boxSettings(
  env: NodeJS.ProcessEnv,
  options: Pick<BoxSettings, "fresh" | "seed" | "pace">,
): BoxSettings {
  return {
    httpPort: portOf(env, "STOREWARD_PORT", 8080),
    mqttPort: portOf(env, "STOREWARD_MQTT_PORT", 1883),
    data: resolve(env.STOREWARD_DATA || "data"),
    adminPassword: env.STOREWARD_ADMIN_PASSWORD || undefined,
    outside: {
      broker: urlOf(env, "STOREWARD_BROKER_URL", "mqtt://broker.example:1883"),
      cloud: urlOf(env, "STOREWARD_CLOUD_URL", "http://cloud.example:8080"),
      influx: urlOf(env, "STOREWARD_INFLUX_URL", "http://influxdb.example:8086"),
    },
    bind: env.STOREWARD_BIND || undefined,
    insecure: env.STOREWARD_INSECURE === "true",
    ...options,
  };
}

/** The address, without a slash at its end. */
function urlOf(env: NodeJS.ProcessEnv, name: string, example: string): string | undefined {
  const value = env[name];
  if (value === undefined || value === "") return undefined;
  const scheme = example.slice(0, example.indexOf(":"));
  if (!URL.canParse(value) || ![`${scheme}:`, `${scheme}s:`].includes(new URL(value).protocol))
    throw E.BOX_URL_INVALID({ name, value, example });
  return value.replace(/\/+$/, "");
}

function portOf(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const value = env[name];
  if (value === undefined || value === "") return fallback;
  const port = Number(value);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw E.BOX_PORT_INVALID({ name, value });
  return port;
}
