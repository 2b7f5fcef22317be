import { resolve } from "node:path";
import { defineErrors } from "@storeward/runtime";

const E = defineErrors({
  BOX_PORT_INVALID: { template: "{name} is {value}, which is no port: give a whole number from 1 to 65535" },
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
}

/** Reads the environment. Errors: BOX_PORT_INVALID. */
export function boxSettings(
  env: NodeJS.ProcessEnv,
  options: Pick<BoxSettings, "fresh" | "seed" | "pace">,
): BoxSettings {
  return {
    httpPort: portOf(env, "STOREWARD_PORT", 8080),
    mqttPort: portOf(env, "STOREWARD_MQTT_PORT", 1883),
    data: resolve(env.STOREWARD_DATA || "data"),
    adminPassword: env.STOREWARD_ADMIN_PASSWORD || undefined,
    ...options,
  };
}

function portOf(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const value = env[name];
  if (value === undefined || value === "") return fallback;
  const port = Number(value);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw E.BOX_PORT_INVALID({ name, value });
  return port;
}
