import { readFileSync } from "node:fs";
import { textOf } from "../json-values.js";
import type { Probe, ProbeReport } from "../probe.js";
import { ImpinjApi } from "./api.js";
import { presetLimits } from "./limits.js";
import { optional } from "./setup.js";

/** Asks a reader with Impinj's IoT Device Interface: `GET` only, and so also one that is being read. */
export const probeImpinjIot: Probe = async ({ url = "", caFile, serverName }, { clock, login, signal }) => {
  const api = new ImpinjApi({
    url,
    ...login,
    ca: caFile === undefined ? undefined : readFileSync(caFile),
    certificateName: serverName,
    clock,
  });
  const enough = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([reportOf(api), enough]);
  } finally {
    api.destroy();
  }
};

async function reportOf(api: ImpinjApi): Promise<ProbeReport> {
  const status = textOf((await api.get("/status")).status);
  const system = await optional(api.get("/system"));
  const image = await optional(api.get("/system/image"));
  const region = await optional(api.get("/system/region"));
  const { antennaPort, transmitPowerCdbm } = presetLimits(
    await optional(api.get("/profiles/inventory/presets-schema")),
  );
  const { min, max } = transmitPowerCdbm ?? {};
  return {
    model: [textOf(system?.manufacturer) ?? "Impinj", textOf(system?.productModel)].filter((part) => part).join(" "),
    firmware: textOf(image?.primaryFirmware),
    serial: textOf(system?.serialNumber),
    region: textOf(region?.operatingRegion),
    antennas: antennaPort?.values,
    power: min === undefined || max === undefined ? undefined : `${min / 100} to ${max / 100} dBm`,
    features: status === undefined ? [] : [`inventory, now ${status}`],
    notes: ["It does not tell which antennas are connected."],
  };
}
