import { stripVTControlCharacters } from "node:util";

/** One JSON line of the log as a line for people: `HH:MM:SS level name message: error key=value`, in local time. */
export function textLine(json: string): string {
  const parsed = parse(json);
  if (parsed === undefined) return json;
  const { time, level, name, msg, err, ...rest } = parsed;
  const at = new Date(String(time));
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map((n) => String(n).padStart(2, "0")).join(":");
  const fields = Object.entries(rest).map(([key, value]) => `${key}=${printable(value)}`);
  const said = [msg, err].filter((text) => text !== undefined).map((text) => clean(String(text)));
  const words = [clock, String(level).padEnd(5), String(name), said.join(": "), ...fields];
  return `${words.filter((word) => word !== "").join(" ")}\n`;
}

function parse(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes from a reader or a name from a page must not move the cursor or fake a line. */
function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
}

function printable(value: unknown): string {
  if (typeof value !== "string") return clean(JSON.stringify(value) ?? "undefined");
  const text = clean(value);
  return text === "" || /[\s"=]/.test(text) ? JSON.stringify(text) : text;
}
