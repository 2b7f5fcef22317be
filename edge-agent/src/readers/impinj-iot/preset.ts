import type { ImpinjIotReader } from "@storeward/contracts";
import type { AntennaRole } from "../driver.js";
import type { JsonRecord } from "../json-values.js";
import { E } from "./errors.js";
import { type Allowed, allows, nearestBelow, type PresetLimits, rangeOf } from "./limits.js";

/**
 * Session by role (C1G2 §6.3.2.2), as with LLRP. Portal: S1 persists 0.5 to 5 s whatever the field does, so a tag that stays in the
 * doorway does not drown the one that walks through. Shelf: S2 persists while powered, so with both targets in turn every tag of a full
 * shelf answers once a cycle.
 */
const SESSION: Readonly<Record<AntennaRole, number>> = { portal: 1, shelf: 2 };
const POPULATION: Readonly<Record<AntennaRole, number>> = { portal: 8, shelf: 64 };
/** Asked for where a reader lists it: Miller 4 at 250 kHz, which every R700 firmware has in every region. */
const USUAL_MODE = 4;

/**
 * The body of `POST /profiles/inventory/start` (InventoryRequest). Only what is read is asked for: the link is one TCP connection, and
 * a shelf of hundreds of tags fills it. Throws IMPINJ_ANTENNA, IMPINJ_POWER, IMPINJ_MODE: transmitting on a guess may be against the
 * law, or leave an antenna without its tags unnoticed.
 */
export function inventoryRequest(
  reader: ImpinjIotReader,
  roles: ReadonlyMap<number, AntennaRole>,
  limits: PresetLimits,
): JsonRecord {
  const rfMode = modeOf(reader.rfMode, limits.rfMode);
  return {
    eventConfig: {
      common: { hostname: "disabled" },
      tagInventory: {
        // Off: a tag that stays in the field is read again and again, which is what rounds are counted by.
        tagReporting: { reportingIntervalSeconds: 0 },
        epc: "disabled",
        epcHex: "enabled",
        tid: "disabled",
        tidHex: "enabled",
        antennaPort: "enabled",
        transmitPowerCdbm: "disabled",
        peakRssiCdbm: "enabled",
        frequency: "enabled",
        pc: "disabled",
        lastSeenTime: "enabled",
        phaseAngle: "disabled",
      },
    },
    antennaConfigs: reader.antennas
      .filter(({ antenna }) => roles.has(antenna))
      .map(({ antenna, power }) => {
        const role = roles.get(antenna) ?? "shelf";
        if (limits.antennaPort !== undefined && !allows(limits.antennaPort, antenna))
          throw E.IMPINJ_ANTENNA({ antenna, known: antennasText(limits.antennaPort) });
        return {
          antennaPort: antenna,
          transmitPowerCdbm: powerOf(antenna, power, limits.transmitPowerCdbm),
          rfMode,
          inventorySession: SESSION[role],
          inventorySearchMode: "dual-target",
          estimatedTagPopulation: POPULATION[role],
        };
      }),
  };
}

/** Hundredths of dBm, never more than configured. */
function powerOf(antenna: number, power: number, allowed: Allowed | undefined): number {
  const wanted = Math.round(power * 100);
  if (allowed === undefined) return wanted;
  const found = nearestBelow(allowed, wanted);
  if (found !== undefined) return found;
  const { min, max } = rangeOf(allowed);
  throw E.IMPINJ_POWER({ antenna, power, min: min / 100, max: max / 100 });
}

function modeOf(configured: number | undefined, allowed: Allowed | undefined): number {
  if (configured !== undefined) {
    if (allowed === undefined || allows(allowed, configured)) return configured;
    throw E.IMPINJ_MODE({ mode: configured, known: allowed.values?.join(", ") ?? "others" });
  }
  if (allowed === undefined || allows(allowed, USUAL_MODE)) return USUAL_MODE;
  return allowed.values?.[0] ?? USUAL_MODE;
}

function antennasText(allowed: Allowed): string {
  const { min, max } = rangeOf(allowed);
  return allowed.values?.join(", ") ?? `${min} to ${max}`;
}
