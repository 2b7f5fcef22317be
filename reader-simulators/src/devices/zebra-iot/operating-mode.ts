/** The power that the radio can give, dBm. */
export const POWER = { least: 10, most: { ETSI: 30, FCC: 31.5 } } as const;

export type JsonObject = Readonly<Record<string, unknown>>;

/** How the radio is set (Configuration for the Operating Modes); what is not modelled is kept and shown. */
export interface OperatingMode {
  readonly asSet: JsonObject;
  readonly antennas: readonly number[];
  /** dBm, one for each of `antennas`. */
  readonly powers: readonly number[];
  readonly metaData: ReadonlySet<string>;
  /** A tag is told of at most once in so many ms; 0: every read. */
  readonly reportMs: number;
  /** Whether each antenna tells of a tag by itself. */
  readonly perAntenna: boolean;
}

const TYPES = ["SIMPLE", "INVENTORY", "PORTAL", "CONVEYOR", "CUSTOM", "DIRECTIONALITY"];
const META_DATA = ["ANTENNA", "RSSI", "PHASE", "CHANNEL", "SEEN_COUNT", "PC", "XPC", "CRC", "EPC", "TID", "USER"];

/** A mode out of the payload of `set_mode`; a text says what is wrong with it. */
export function operatingMode(
  payload: unknown,
  ports: readonly number[],
  region: "ETSI" | "FCC",
): OperatingMode | string {
  if (!isObject(payload) || !TYPES.includes(String(payload.type))) return "type is not one of the operating modes";
  const antennas = payload.antennas === undefined ? ports : numbers(payload.antennas);
  if (antennas === undefined || antennas.some((antenna) => !ports.includes(antenna)))
    return "antennas has an unknown port";
  const powers = powersOf(payload.transmitPower, antennas.length, POWER.most[region]);
  if (typeof powers === "string") return powers;
  const metaData = payload.tagMetaData ?? ["ANTENNA", "RSSI", "SEEN_COUNT"];
  if (!Array.isArray(metaData) || metaData.some((name) => !META_DATA.includes(String(name))))
    return "tagMetaData has an unknown field";
  const filter = isObject(payload.reportFilter) ? payload.reportFilter : { duration: 1, type: "RADIO_WIDE" };
  const { duration, type } = filter;
  if (typeof duration !== "number" || duration < 0) return "reportFilter.duration is no number of seconds";
  return {
    asSet: payload,
    antennas,
    powers,
    metaData: new Set(metaData.map(String)),
    reportMs: duration * 1000,
    perAntenna: type === "PER_ANTENNA",
  };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One power for all antennas, or one for each. */
function powersOf(value: unknown, count: number, most: number): readonly number[] | string {
  const list = typeof value === "number" ? Array.from({ length: count }, () => value) : numbers(value ?? []);
  if (value === undefined) return Array.from({ length: count }, () => most);
  if (list === undefined || list.length !== count) return "transmitPower must have as many entries as antennas";
  return list.some((power) => power < POWER.least || power > most) ? "transmitPower is out of range" : list;
}

function numbers(value: unknown): readonly number[] | undefined {
  return Array.isArray(value) && value.every((entry) => typeof entry === "number") ? (value as number[]) : undefined;
}
