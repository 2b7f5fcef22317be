import { isRecord } from "../json-values.js";

/** What a value may be, as a JSON schema says it. */
export interface Allowed {
  readonly values: readonly number[] | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly step: number | undefined;
}

/** What the reader itself says about presets; undefined where it does not. */
export interface PresetLimits {
  readonly antennaPort: Allowed | undefined;
  readonly transmitPowerCdbm: Allowed | undefined;
  readonly rfMode: Allowed | undefined;
  readonly channelFrequenciesKhz: Allowed | undefined;
}

const NAMES: Readonly<Record<keyof PresetLimits, string>> = {
  antennaPort: "antennaport",
  transmitPowerCdbm: "transmitpowercdbm",
  rfMode: "rfmode",
  channelFrequenciesKhz: "channelfrequencieskhz",
};
/** A schema has some hundreds of nodes. */
const MAX_NODES = 20_000;

/**
 * Finds the limits in the JSON schema of `GET /profiles/inventory/presets-schema`, which the reader makes of its own capabilities and
 * region. How it is arranged (inline, or as definitions) is not documented, so properties are looked for by name wherever they are.
 */
export function presetLimits(schema: unknown): PresetLimits {
  const found = new Map<string, Allowed>();
  const open: unknown[] = [schema];
  for (let visited = 0; open.length > 0 && visited < MAX_NODES; visited++) {
    const node = open.pop();
    if (Array.isArray(node)) open.push(...node);
    if (!isRecord(node)) continue;
    for (const [key, value] of Object.entries(node)) {
      const allowed = allowedOf(value);
      if (allowed !== undefined) found.set(key.toLowerCase(), allowed);
      open.push(value);
    }
  }
  const limit = (name: keyof PresetLimits) => found.get(NAMES[name]);
  return {
    antennaPort: limit("antennaPort"),
    transmitPowerCdbm: limit("transmitPowerCdbm"),
    rfMode: limit("rfMode"),
    channelFrequenciesKhz: limit("channelFrequenciesKhz"),
  };
}

/** The entry nearest to `value` without being above it; undefined where there is none, or `value` is above all. */
export function nearestBelow({ values, min, max, step }: Allowed, value: number): number | undefined {
  if (values !== undefined) {
    const fitting = values.filter((entry) => entry <= value);
    return fitting.length === 0 || value > Math.max(...values) ? undefined : Math.max(...fitting);
  }
  const rounded = step === undefined || step <= 0 ? Math.floor(value) : Math.floor(value / step) * step;
  if (max !== undefined && value > max) return undefined;
  return min !== undefined && rounded < min ? undefined : rounded;
}

export function allows({ values, min, max }: Allowed, value: number): boolean {
  if (values !== undefined) return values.includes(value);
  return (min === undefined || value >= min) && (max === undefined || value <= max);
}

/** Least and most, for a person. */
export function rangeOf({ values, min, max }: Allowed): { min: number; max: number } {
  return {
    min: values === undefined ? (min ?? Number.NEGATIVE_INFINITY) : Math.min(...values),
    max: values === undefined ? (max ?? Number.POSITIVE_INFINITY) : Math.max(...values),
  };
}

function allowedOf(node: unknown): Allowed | undefined {
  if (!isRecord(node)) return undefined;
  const items = allowedOf(node.items);
  if (items !== undefined) return items;
  const values = numbers(node.enum) ?? constants(node.oneOf) ?? constants(node.anyOf);
  const number = (value: unknown) => (typeof value === "number" ? value : undefined);
  const [min, max, step] = [number(node.minimum), number(node.maximum), number(node.multipleOf)];
  if (values === undefined && min === undefined && max === undefined) return undefined;
  return { values, min, max, step };
}

function numbers(list: unknown): number[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const values = list.filter((value): value is number => typeof value === "number");
  return values.length === 0 ? undefined : values;
}

function constants(list: unknown): number[] | undefined {
  if (!Array.isArray(list)) return undefined;
  return numbers(
    list.flatMap((entry: unknown) => (isRecord(entry) ? [entry.const, ...(numbers(entry.enum) ?? [])] : [])),
  );
}
