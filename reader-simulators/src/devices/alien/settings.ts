/** What `set` changes and `get` tells, by the reader's own spelling. */
export interface AlienSettings {
  readonly values: Map<string, string>;
  /** Tenths of a dBm, by port. */
  readonly levels: number[];
}

const STRONGEST = 316;
const WEAKEST = 157;
/** Only told. */
const FIXED = new Set(["readertype", "readerversion", "maxantenna", "antennastatus", "readernumber"]);

export function factorySettings(ports: number): AlienSettings {
  return {
    values: new Map([
      ["ReaderType", "Alien RFID Tag Reader, Model: ALR-F800 (Simulated, Gen 2)"],
      ["ReaderVersion", "19.11.04.00"],
      ["ReaderNumber", "255"],
      ["MaxAntenna", String(ports - 1)],
      ["AntennaStatus", ""],
      ["AntennaSequence", "0"],
      ["AcquireMode", "Inventory"],
      ["AcqG2Session", "2"],
      ["TagListFormat", "Text"],
      ["TagListCustomFormat", "%k"],
      ["TagListAntennaCombine", "ON"],
      ["PersistTime", "-1"],
      ["AutoMode", "OFF"],
      ["NotifyMode", "OFF"],
      ["TagStreamMode", "OFF"],
    ]),
    levels: Array.from({ length: ports }, () => STRONGEST),
  };
}

export function nameOf({ values }: AlienSettings, name: string): string | undefined {
  return [...values.keys()].find((known) => known.toLowerCase() === name.toLowerCase());
}

export const UNKNOWN = "Error 1: Command not understood.";
const WRONG = "Error 10: Value out of range.";

/** What the reader answers to `set NAME = VALUE`. */
export function applySetting(settings: AlienSettings, name: string, value: string): string {
  if (name.toLowerCase() === "rflevel") return setLevel(settings, value);
  const known = nameOf(settings, name);
  if (known === undefined || FIXED.has(known.toLowerCase())) return UNKNOWN;
  if (known === "AntennaSequence" && !value.split(/[\s,]+/).every((port) => isPort(settings, port))) return WRONG;
  settings.values.set(known, value);
  return `${known} = ${value}`;
}

function isPort({ levels }: AlienSettings, text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) < levels.length;
}

/** `LEVEL` for all ports, `PORT LEVEL` for one. */
function setLevel(settings: AlienSettings, value: string): string {
  const [first = "", second] = value.split(/\s+/);
  const level = Number(second ?? first);
  if (!(level >= WEAKEST && level <= STRONGEST)) return WRONG;
  if (second === undefined) settings.levels.fill(level);
  else if (isPort(settings, first)) settings.levels[Number(first)] = level;
  else return WRONG;
  return `RFLevel = ${value}`;
}
