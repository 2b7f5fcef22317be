/** What AT commands set. */
export interface Settings {
  echo: boolean;
  region: string;
  /** Antennas in the order in which they are cycled. */
  mux: number[];
  /** dBm, by antenna. */
  power: number[];
  /** ONT, RSSI, TID, FastStart, PHASE. */
  inventory: boolean[];
  heartbeatSeconds: number;
  inputEvents: boolean;
}

const REGIONS = ["ETSI_LOWER", "ETSI_UPPER", "FCC"];
const STRONGEST = 30;

export function factorySettings(antennas: readonly number[], region: "ETSI" | "FCC"): Settings {
  return {
    echo: true,
    region: region === "ETSI" ? "ETSI_LOWER" : "FCC",
    mux: [antennas[0] ?? 1],
    power: antennas.map(() => 27),
    inventory: [false, false, false, false, false],
    heartbeatSeconds: 0,
    inputEvents: false,
  };
}

/** What a command answers: lines, or why not. */
export type Answer = { readonly lines: readonly string[] } | { readonly refused: string };

const OK: Answer = { lines: [] };

/** Commands of the form `AT+NAME?` and `AT+NAME=values`; undefined for other names. */
export function applySetting(
  settings: Settings,
  antennas: readonly number[],
  name: string,
  value: string | undefined,
): Answer | undefined {
  const numbers = (value ?? "").split(",").map((part) => (/^\d{1,5}$/.test(part.trim()) ? Number(part) : Number.NaN));
  const valid = numbers.every((number) => Number.isInteger(number));
  switch (name) {
    case "REG":
      if (value === undefined) return { lines: [`+REG: ${settings.region}`] };
      if (!REGIONS.includes(value)) return wrong("region");
      settings.region = value;
      return OK;
    case "MUX":
      if (value === undefined) return { lines: [`+MUX: ${settings.mux.join(",")}`] };
      if (!valid || numbers.some((antenna) => !antennas.includes(antenna))) return wrong("antenna");
      settings.mux = numbers;
      return OK;
    case "PWR": {
      if (value === undefined) return { lines: [`+PWR: ${settings.power.join(",")}`] };
      const one = numbers.length === 1 ? settings.power.map(() => numbers[0] ?? 0) : numbers;
      if (!valid || one.length !== antennas.length || one.some((power) => power > STRONGEST)) return wrong("power");
      settings.power = one;
      return OK;
    }
    case "INVS":
      if (value === undefined) return { lines: [`+INVS: ${settings.inventory.map(Number).join(",")}`] };
      if (!valid || numbers.length !== settings.inventory.length || numbers.some((flag) => flag > 1)) {
        return wrong("inventory setting");
      }
      settings.inventory = numbers.map((flag) => flag === 1);
      return OK;
    case "HBT":
      if (value === undefined) return { lines: [`+HBT: ${settings.heartbeatSeconds}`] };
      if (!valid || numbers.length !== 1 || (numbers[0] ?? 0) > 3600) return wrong("period");
      settings.heartbeatSeconds = numbers[0] ?? 0;
      return OK;
    case "IEV":
      if (value === undefined) return { lines: [`+IEV: ${Number(settings.inputEvents)}`] };
      if (!valid || numbers.length !== 1 || (numbers[0] ?? 0) > 1) return wrong("value");
      settings.inputEvents = numbers[0] === 1;
      return OK;
    default:
      return undefined;
  }
}

function wrong(what: string): Answer {
  return { refused: `<Wrong parameter (${what})>` };
}
