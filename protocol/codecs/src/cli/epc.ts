import { parseArgs } from "node:util";
import { decodeEpc, EpcError, type EpcScheme, epcSchemes, toEpc } from "../epc/index.js";
import { adviceOn } from "./epc-advice.js";
import { describeEpc } from "./epc-text.js";
import { type Tool, type ToolIo, UsageError } from "./tool.js";

const usage = `Usage:
  storeward-epc decode [--json] HEX...      what the EPC of a tag means
  storeward-epc encode [options] TEXT...    the hex to write to a tag

HEX is the EPC memory of a tag, from bit 20h on, as readers report it. TEXT is a GS1 element string, an EPC URI, a GS1
Digital Link URI, or the hex of an EPC to change. "-" instead reads one a line from standard input.

Options of encode:
  --scheme NAME         the EPC scheme; without it the shortest that can hold the identity
  --filter N            filter value; 0 without it
  --prefix-length N     digits of the GS1 company prefix, 6 to 12, which schemes without '+' need
  --host NAME           host name of the Digital Link URI, for '++' schemes

  --json                one JSON object a line, with every form
  --help                this text

Schemes: ${Object.keys(epcSchemes).join(", ")}

Examples:
  storeward-epc decode 3066C4409047E140075BCD15
  storeward-epc encode --prefix-length 11 --filter 1 '(01)09506000134352(21)6789'
  storeward-epc encode --host id.example.com https://id.gs1.org/01/09506000134352/21/6789

Exit code: 0, 1 if something is no EPC, 2 if it is called wrongly. EPC Tag Data Standard: GS1 TDS 2.3.
`;

export const tool: Tool = {
  name: "storeward-epc",
  usage,
  run: async (args, io) => {
    const call = parse(args);
    const texts = call.texts.length === 1 && call.texts[0] === "-" ? await linesOf(io) : call.texts;
    if (texts.length === 0) throw new UsageError(`nothing to ${call.command}`);
    let code = 0;
    for (const [place, text] of texts.entries()) {
      const parting = call.command === "decode" && !call.json && place > 0 ? "\n" : "";
      try {
        io.write(parting + answer(call, bare(text)));
      } catch (error) {
        if (!(error instanceof EpcError)) throw error;
        const { code: reason, scheme, field, detail } = error;
        if (call.json) io.write(asJson({ input: text, error: { code: reason, scheme, field, detail } }));
        else io.complain(`${parting}${text}\n  ${error.message}\n  ${adviceOn(error, call.command)}\n`);
        code = 1;
      }
    }
    return code;
  },
};

function answer({ command, json, options }: ReturnType<typeof parse>, text: string): string {
  const epc = command === "decode" ? decodeEpc(text) : toEpc(text, options);
  if (json) return asJson(epc);
  return command === "decode" ? describeEpc(epc) : `${epc.hex}\n`;
}

function asJson(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

type Command = "decode" | "encode";

function parse(args: readonly string[]) {
  const [command, ...rest] = args;
  if (command !== "decode" && command !== "encode") {
    throw new UsageError(command === undefined ? "decode or encode?" : `"${command}" is neither decode nor encode`);
  }
  const string = { type: "string" } as const;
  try {
    const { values, positionals } = parseArgs({
      args: rest,
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        ...(command === "encode" && { scheme: string, filter: string, "prefix-length": string, host: string }),
      },
    });
    const { scheme, filter, "prefix-length": length, host } = values as Readonly<Record<string, string | undefined>>;
    const options = {
      scheme: schemeNamed(scheme),
      filter: numberGiven("--filter", filter),
      companyPrefixLength: numberGiven("--prefix-length", length),
      hostname: host,
    };
    return { command: command as Command, texts: positionals, json: values.json === true, options };
  } catch (error) {
    // What parseArgs says of an unknown option is meant for people.
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

function schemeNamed(name: string | undefined): EpcScheme | undefined {
  const lower = name?.toLowerCase();
  if (lower !== undefined && !Object.hasOwn(epcSchemes, lower)) throw new UsageError(`there is no scheme "${name}"`);
  return lower as EpcScheme | undefined;
}

function numberGiven(option: string, text: string | undefined): number | undefined {
  if (text !== undefined && !/^\d+$/.test(text)) throw new UsageError(`${option} wants a number, not "${text}"`);
  return text === undefined ? undefined : Number(text);
}

/** Hex without what people and readers put between the digits. */
function bare(text: string): string {
  const digits = text
    .trim()
    .replace(/^0x/i, "")
    .replace(/[\s:-]/g, "");
  return /^[0-9a-f]+$/i.test(digits) ? digits : text.trim();
}

async function linesOf(io: ToolIo): Promise<readonly string[]> {
  const text = new TextDecoder().decode(await io.read("-"));
  return text.split(/\r?\n/).filter((line) => line.trim() !== "");
}
