import { channelsOf } from "../llrp/capabilities.js";

const MODES = [4, 5, 11, 103, 120, 141, 148];
const SEARCH_MODES = [
  "single-target",
  "dual-target",
  "single-target-with-tagfocus",
  "single-target-b-to-a",
  "dual-target-with-b-to-a-select",
];
/** Hundredths of dBm: 10 to 33 dBm in quarters, 30 where ETSI allows no more at the plug. */
const POWER = { least: 1000, step: 25, most: { ETSI: 3000, FCC: 3300 } } as const;

/** One antenna of an inventory, as a client asked for it. */
export interface AntennaConfig {
  readonly antennaPort: number;
  readonly transmitPowerCdbm: number;
  readonly fastId: boolean;
}

/** A request that is wrong: the message, and the property it is about. */
export interface PresetProblem {
  readonly message: string;
  readonly invalidPropertyId: string;
}

/** What this reader takes in a preset, as the JSON schema that `GET /profiles/inventory/presets-schema` answers. */
export function presetSchema(antennas: readonly number[], region: "ETSI" | "FCC"): Readonly<Record<string, unknown>> {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    required: ["antennaConfigs"],
    properties: {
      channelFrequenciesKhz: { type: "array", items: { type: "integer", enum: channelsOf(region) } },
      antennaConfigs: {
        type: "array",
        minItems: 1,
        items: {
          type: "object",
          required: [
            "antennaPort",
            "transmitPowerCdbm",
            "rfMode",
            "inventorySession",
            "inventorySearchMode",
            "estimatedTagPopulation",
          ],
          properties: {
            antennaPort: { type: "integer", enum: antennas },
            transmitPowerCdbm: {
              type: "integer",
              minimum: POWER.least,
              maximum: POWER.most[region],
              multipleOf: POWER.step,
            },
            rfMode: { type: "integer", enum: MODES },
            inventorySession: { type: "integer", enum: [0, 1, 2, 3] },
            inventorySearchMode: { type: "string", enum: SEARCH_MODES },
            estimatedTagPopulation: { type: "integer", minimum: 1, maximum: 65_535 },
            fastId: { type: "string", enum: ["enabled", "disabled"] },
          },
        },
      },
    },
  };
}

/** The antennas that an InventoryRequest asks for, or what is wrong with it. */
export function antennaConfigs(
  request: unknown,
  antennas: readonly number[],
  region: "ETSI" | "FCC",
): readonly AntennaConfig[] | PresetProblem {
  const configs = isRecord(request) ? request.antennaConfigs : undefined;
  if (!Array.isArray(configs) || configs.length === 0) return problem("antennaConfigs", "at least one is required");
  const asked: AntennaConfig[] = [];
  for (const config of configs as readonly unknown[]) {
    if (!isRecord(config)) return problem("antennaConfigs", "it must be an object");
    const { antennaPort, transmitPowerCdbm: power, rfMode, inventorySession, inventorySearchMode } = config;
    if (!isNumber(antennaPort) || !antennas.includes(antennaPort)) return problem("antennaPort", "there is none");
    if (!isNumber(power) || power < POWER.least || power > POWER.most[region] || power % POWER.step !== 0)
      return problem("transmitPowerCdbm", `${POWER.least} to ${POWER.most[region]} in steps of ${POWER.step}`);
    if (!isNumber(rfMode) || !MODES.includes(rfMode)) return problem("rfMode", `one of ${MODES.join(", ")}`);
    if (!isNumber(inventorySession) || ![0, 1, 2, 3].includes(inventorySession))
      return problem("inventorySession", "0 to 3");
    if (typeof inventorySearchMode !== "string" || !SEARCH_MODES.includes(inventorySearchMode))
      return problem("inventorySearchMode", `one of ${SEARCH_MODES.join(", ")}`);
    if (!isNumber(config.estimatedTagPopulation)) return problem("estimatedTagPopulation", "it is required");
    asked.push({ antennaPort, transmitPowerCdbm: power, fastId: config.fastId === "enabled" });
  }
  return asked;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value);
}

function problem(invalidPropertyId: string, message: string): PresetProblem {
  return { message: `Invalid ${invalidPropertyId}: ${message}`, invalidPropertyId };
}
