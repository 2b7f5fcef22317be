import { decodeEpc, EpcError, type EpcOptions, type EpcScheme, epcSchemes, toEpc } from "../epc/index.js";
import { adviceOn } from "./epc-advice.js";
import { describeEpc } from "./epc-text.js";
import { type Answer, answerEach, readCall, type Tool, UsageError } from "./tool.js";

const usage = `storeward-epc: what the EPC of an RFID tag means, and what to write to one

  storeward-epc decode HEX...    the identity that a tag holds, in every form
  storeward-epc encode TEXT...   the hex to write to a tag

HEX is the EPC memory of a tag, from bit 20h on, as readers report it. TEXT is a GS1 element string, an EPC URI, a GS1
Digital Link URI, or the hex of an EPC to change.

  "-" instead of HEX or TEXT     answers each line of standard input
  --scheme NAME         encode:  the EPC scheme; without it the shortest that can hold the identity
  --filter N            encode:  filter value; 0 without it
  --prefix-length N     encode:  digits of the GS1 company prefix, 6 to 12, which schemes without '+' need
  --host NAME           encode:  host name of the Digital Link URI, for '++' schemes
  --json                         one line of JSON for each, with every form: {"ok", "input", ...}
  --help, --version

Schemes: ${Object.keys(epcSchemes)
  .join(", ")
  .replace(/(.{95,105}) /g, "$1\n  ")}

  storeward-epc decode 3066C4409047E140075BCD15
  storeward-epc encode --prefix-length 11 --filter 1 '(01)09506000134352(21)6789'
  storeward-epc encode --host id.example.com https://id.gs1.org/01/09506000134352/21/6789

Exit code: 0, or 1 where something is no EPC, or 2 for wrong usage. EPC Tag Data Standard: GS1 TDS 2.3.
`;

export const tool: Tool = {
  name: "storeward-epc",
  usage,
  run: async (args, io) => {
    const { command, values, rest } = readCall(args, ["decode", "encode"], {
      json: "boolean",
      scheme: "string",
      filter: "string",
      "prefix-length": "string",
      host: "string",
    });
    const { json, scheme, filter, "prefix-length": length, host } = values;
    if (rest.length === 0) throw new UsageError(`${command} what? Give a text, or - for standard input`);
    const options = {
      scheme: schemeNamed(scheme),
      filter: numberGiven("--filter", filter),
      companyPrefixLength: numberGiven("--prefix-length", length),
      hostname: host,
    };
    if (command === "decode" && Object.values(options).some((value) => value !== undefined)) {
      throw new UsageError("--scheme, --filter, --prefix-length and --host are for encode");
    }
    return await answerEach(rest, io, json, (text) => {
      try {
        return command === "decode" ? decoded(bare(text)) : encoded(bare(text), options);
      } catch (error) {
        if (!(error instanceof EpcError)) throw error;
        const { code, scheme, field, message } = error;
        const lines = [text, `  ${code}: ${message}`, `  ${adviceOn(error, command)}`];
        return { ok: false, text: lines.join("\n"), json: { error: { code, scheme, field, message } } };
      }
    });
  },
};

function decoded(text: string): Answer {
  const epc = decodeEpc(text);
  return { ok: true, text: describeEpc(epc), json: plain(epc) };
}

function encoded(text: string, options: EpcOptions): Answer {
  const epc = toEpc(text, options);
  return { ok: true, text: epc.hex, json: plain(epc) };
}

/** The forms of an EPC are getters, which only `toJSON` lists. */
function plain(epc: object): object {
  return JSON.parse(JSON.stringify(epc)) as object;
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
