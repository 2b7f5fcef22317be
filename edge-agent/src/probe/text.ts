import type { Found } from "./probe-reader.js";

/** What was found, for a person, and what of it goes into a configuration. */
export function reportText(found: Found): string {
  const list = (values: readonly (string | number)[] | undefined) =>
    values === undefined || values.length === 0 ? undefined : values.join(", ");
  const lines: readonly [string, string | undefined][] = [
    ["driver", found.driver],
    ["model", found.model],
    ["firmware", found.firmware],
    ["serial number", found.serial],
    ["region", found.region],
    ["antennas", list(found.antennas)],
    ["connected", found.connected?.length === 0 ? "none" : list(found.connected)],
    ["power", found.power],
    ...found.features.map((feature, index): [string, string] => [index === 0 ? "features" : "", feature]),
    ...found.notes.map((note): [string, string] => ["note", note]),
  ];
  const width = Math.max(...lines.map(([key]) => key.length)) + 2;
  return lines
    .flatMap(([key, value]) =>
      value === undefined || value === "" ? [] : [`${key.padEnd(width)}${printable(value)}\n`],
    )
    .join("");
}

/** What a reader says goes to a terminal: nothing in it may steer that. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "?").slice(0, 200);
}
