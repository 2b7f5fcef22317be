/** Reads the part of YAML that the fact files use: nested maps and lists, flow style, comments, folded text. */
export function parseYaml(text: string): unknown {
  const lines = text
    .split("\n")
    .map((line) => ({ indent: line.search(/\S/), text: stripComment(line).trim() }))
    .filter((line) => line.text !== "");
  const state = { lines, at: 0 };
  return block(state, 0);
}

interface State {
  readonly lines: readonly { readonly indent: number; readonly text: string }[];
  at: number;
}

function stripComment(line: string): string {
  return line.replace(/(^|\s)#.*$/, "");
}

function block(state: State, indent: number): unknown {
  const first = state.lines[state.at];
  if (first === undefined || first.indent < indent) return null;
  return first.text.startsWith("- ") ? list(state, first.indent) : map(state, first.indent);
}

function list(state: State, indent: number): unknown[] {
  const items: unknown[] = [];
  for (
    let line = state.lines[state.at];
    line?.indent === indent && /^- /.test(line.text);
    line = state.lines[state.at]
  ) {
    const rest = line.text.slice(2).trim();
    if (isPair(rest)) {
      // The first pair of a map stands behind the dash; the others stand two columns further in.
      (state.lines as { indent: number; text: string }[])[state.at] = { indent: indent + 2, text: rest };
      items.push(map(state, indent + 2));
    } else {
      state.at++;
      items.push(scalar(rest));
    }
  }
  return items;
}

function isPair(text: string): boolean {
  return /^[\w-]+:(\s|$)/.test(text);
}

function map(state: State, indent: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (let line = state.lines[state.at]; line?.indent === indent && isPair(line.text); line = state.lines[state.at]) {
    const colon = line.text.indexOf(":");
    const rest = line.text.slice(colon + 1).trim();
    state.at++;
    const key = line.text.slice(0, colon);
    if (/^[>|]/.test(rest)) result[key] = folded(state, indent);
    else if (rest === "") result[key] = block(state, nextIsList(state, indent) ? indent : indent + 1);
    else result[key] = scalar(rest);
  }
  return result;
}

function nextIsList(state: State, indent: number): boolean {
  const next = state.lines[state.at];
  return next?.indent === indent && next.text.startsWith("- ");
}

function folded(state: State, indent: number): string {
  const parts: string[] = [];
  for (let line = state.lines[state.at]; line !== undefined && line.indent > indent; line = state.lines[state.at]) {
    parts.push(line.text);
    state.at++;
  }
  return parts.join(" ");
}

function scalar(text: string): unknown {
  if (text.startsWith("{")) {
    return Object.fromEntries(
      splitFlow(text).map((pair) => [
        pair.slice(0, pair.indexOf(":")),
        scalar(pair.slice(pair.indexOf(":") + 1).trim()),
      ]),
    );
  }
  if (text.startsWith("[") && text.endsWith("]")) return splitFlow(text).map(scalar);
  if (/^(["']).*\1$/.test(text)) return text.slice(1, -1);
  if (/^-?\d+$/.test(text)) return Number(text);
  return text === "true" ? true : text === "false" ? false : text;
}

/** The parts of a flow map or list, of which inner ones stay whole. */
function splitFlow(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const char of text.slice(1, -1)) {
    if (char === "," && depth === 0) {
      parts.push(part.trim());
      part = "";
      continue;
    }
    if (char === "{" || char === "[") depth++;
    if (char === "}" || char === "]") depth--;
    part += char;
  }
  return [...parts, part.trim()].filter((one) => one !== "");
}
