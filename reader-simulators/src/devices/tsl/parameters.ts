/** Parameters of `.iv` that the reader keeps between commands, by their letters. */
export type Parameters = Record<string, string>;

const FACTORY: Readonly<Parameters> = {
  al: "on",
  c: "off",
  dt: "off",
  e: "off",
  ie: "on",
  io: "on",
  ix: "off",
  o: "29",
  qs: "s0",
  qt: "a",
  r: "off",
};
const STRONGEST = 29;
const WEAKEST = 10;
const ON_OFF = new Set(["al", "c", "dt", "e", "ie", "io", "ix", "r"]);

export function factoryParameters(): Parameters {
  return { ...FACTORY };
}

/** What a command asks for: changed parameters, and whether to act or to list. */
export interface Request {
  readonly parameters: Parameters;
  readonly act: boolean;
  readonly list: boolean;
}

/** Reads `-x -n -al off -o 25`; a text says what is wrong. */
export function parseRequest(text: string, current: Parameters): Request | string {
  const words = text.split(/\s+/).filter((word) => word !== "");
  let parameters = { ...current };
  let act = true;
  let list = false;
  for (let i = 0; i < words.length; i++) {
    const letters = /^-([a-z]{1,2})$/.exec(words[i] ?? "")?.[1];
    if (letters === undefined) return `Unexpected ${words[i]}`;
    if (letters === "n") act = false;
    else if (letters === "p") list = true;
    else if (letters === "x") parameters = factoryParameters();
    else {
      const value = words[++i] ?? "";
      if (!isValid(letters, value)) return `Invalid value for -${letters}`;
      parameters[letters] = value;
    }
  }
  return { parameters, act, list };
}

function isValid(letters: string, value: string): boolean {
  if (!Object.hasOwn(FACTORY, letters)) return false;
  if (ON_OFF.has(letters)) return value === "on" || value === "off";
  if (letters === "o") return /^\d{2}$/.test(value) && Number(value) >= WEAKEST && Number(value) <= STRONGEST;
  if (letters === "qs") return /^s[0-3]$/.test(value);
  return value === "a" || value === "b";
}
