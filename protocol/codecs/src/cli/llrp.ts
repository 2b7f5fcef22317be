import { decodeMessage, encodeMessage, LlrpFramer, type LlrpFramingError } from "../llrp/index.js";
import { isCapture, packetsOf } from "./capture.js";
import { type Flow, flowsOf } from "./flows.js";
import { jsonOfMessage, messageOfJson } from "./llrp-json.js";
import { readCall, type Tool, type ToolIo, textOf, UsageError } from "./tool.js";

const LLRP_PORT = 5084;
const LLRP_TLS_PORT = 5085;

const usage = `storeward-llrp: LLRP messages as JSON, one a line, and back

  storeward-llrp decode FILE     prints the messages of a file
  storeward-llrp encode FILE     writes the bytes of messages given as JSON, one a line

FILE is the bytes of one direction of a connection, those bytes as hex digits, or a capture (pcap, pcapng) made by
tcpdump or Wireshark. Of a capture, the TCP connections to port 5084 are read, or to that of --port, both directions in
the order of time; "capture" says when a message came, from whom and to whom. Names are those of the LLRP Toolkit; bytes
are hex digits, 64-bit numbers are text, and what a message holds that is unknown stays in "unknownParameters".
Bytes that are no LLRP are reported and skipped.

  "-" instead of FILE            standard input
  --port N              decode:  the reader's port in a capture
  --help, --version

  tcpdump -i eth0 -w reader.pcap port 5084
  storeward-llrp decode reader.pcap | grep ERROR_MESSAGE
  echo 043e0000000a00000007 | storeward-llrp decode -
  echo '{"type":"START_ROSPEC","id":1,"ROSpecID":1}' | storeward-llrp encode - | nc reader 5084

Exit code: 0, or 1 where something is wrong with the input, or 2 for wrong usage.
`;

/** Decodes captures and streams of LLRP for whoever installs readers. */
export const tool: Tool = {
  name: "storeward-llrp",
  usage,
  async run(args, io) {
    const { command, file, port } = options(args);
    const reporter = new Reporter(io, file === "-" ? "standard input" : file);
    const bytes = await io.read(file);
    if (command === "encode") encode(bytes, reporter);
    else if (isCapture(bytes)) decodeCapture(bytes, port, reporter);
    else decodeStream(bytesOfHex(bytes) ?? bytes, reporter);
    return reporter.complaints === 0 ? 0 : 1;
  },
};

function options(args: readonly string[]): { command: "decode" | "encode"; file: string; port: number } {
  const { command, values, rest } = readCall(args, ["decode", "encode"], { port: "string" });
  const [file, ...others] = rest;
  if (file === undefined) throw new UsageError(`${command} what? Name a file, or - for standard input`);
  if (others.length > 0) throw new UsageError(`one file at a time, not also ${others.join(" ")}`);
  if (command === "encode" && values.port !== undefined) throw new UsageError("--port is for decode");
  const port = Number(values.port ?? LLRP_PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new UsageError(`no port ${values.port}`);
  return { command, file, port };
}

/** The bytes that a text of hex digits stands for; undefined if it is none. No LLRP message begins as such a text does. */
function bytesOfHex(text: Uint8Array): Uint8Array | undefined {
  const [first = 0] = text;
  if (first < 0x30) return undefined;
  const digits = new TextDecoder("latin1").decode(text).replace(/\s/g, "");
  return /^([0-9a-f]{2})+$/i.test(digits) ? Buffer.from(digits, "hex") : undefined;
}

/** Prints messages, and says what is wrong with the input. */
class Reporter {
  complaints = 0;
  messages = 0;
  readonly #io: ToolIo;
  readonly #file: string;

  constructor(io: ToolIo, file: string) {
    this.#io = io;
    this.#file = file;
  }

  complain(what: string): void {
    this.complaints++;
    this.#io.complain(`storeward-llrp: ${this.#file}: ${what}\n`);
  }

  /** A line of JSON for a frame; `where` names it in complaints. */
  print(frame: Uint8Array, where: string, capture?: object): void {
    try {
      const json = jsonOfMessage(decodeMessage(frame));
      this.#io.write(`${JSON.stringify(capture === undefined ? json : { capture, ...json })}\n`);
      this.messages++;
      for (const reason of givenUp(json)) this.complain(`${where}: part of it is kept as bytes: ${reason}`);
    } catch (error) {
      this.complain(`${where}: ${textOf(error)}`);
    }
  }

  writeBytes(bytes: Uint8Array): void {
    this.#io.writeBytes(bytes);
    this.messages++;
  }
}

/** Why parameters of a message could not be decoded. */
function givenUp(json: unknown): string[] {
  if (typeof json !== "object" || json === null) return [];
  return Object.entries(json).flatMap(([key, value]) => {
    if (key !== "unknownParameters") return givenUp(value);
    return (value as { error?: string }[]).flatMap(({ error }) => error ?? []);
  });
}

function decodeStream(bytes: Uint8Array, reporter: Reporter): void {
  const framer = new LlrpFramer();
  const { frames, errors } = framer.push(bytes);
  for (const frame of frames) reporter.print(frame, `message at byte ${frame.byteOffset - bytes.byteOffset}`);
  for (const error of errors) reporter.complain(describe(error));
  if (framer.buffered > 0) reporter.complain(`ends inside a message, of which ${framer.buffered} bytes are there`);
  if (reporter.messages === 0 && reporter.complaints === 0) reporter.complain("holds no LLRP message");
}

function describe({ code, offset, header, recovery }: LlrpFramingError): string {
  const bytes = Buffer.from(header).toString("hex");
  const reason = {
    BAD_LENGTH: "claims a length that no message has",
    BAD_VERSION: "has no version of LLRP",
    TOO_LONG: "claims to be longer than a megabyte",
  }[code];
  const next = recovery === "skipping" ? "it is skipped" : "the next message is searched for";
  return `at byte ${offset}: what should be a header (${bytes}) ${reason}; ${next}`;
}

function decodeCapture(bytes: Uint8Array, port: number, reporter: Reporter): void {
  const complain = (what: string) => reporter.complain(what);
  const flows = flowsOf(packetsOf(bytes, complain), complain).filter((flow) => flow.pieces.length > 0);
  const ours = flows.filter((flow) => flow.fromPort === port || flow.toPort === port);
  const found = ours.flatMap((flow) => messagesOf(flow, port, reporter));
  for (const { frame, where, capture } of found.sort((a, b) => a.packet - b.packet)) {
    reporter.print(frame, where, capture);
  }
  if (ours.length > 0) return;
  const others = flows.map(({ from, to }) => `${from} to ${to}`);
  const tls = flows.some((flow) => [flow.fromPort, flow.toPort].includes(LLRP_TLS_PORT));
  reporter.complain(
    `holds no TCP data from or to port ${port}; ${
      others.length === 0 ? "it holds none at all" : `there is ${others.slice(0, 10).join(", ")}: name one by --port`
    }${tls ? ` (${LLRP_TLS_PORT} is LLRP in TLS, which cannot be read)` : ""}`,
  );
}

interface Found {
  readonly frame: Uint8Array;
  readonly where: string;
  readonly packet: number;
  readonly capture: object;
}

/** The messages of one direction, each with the packet that completed it. */
function messagesOf(flow: Flow, port: number, reporter: Reporter): Found[] {
  const { from, to } = flow;
  const sender = flow.fromPort === port ? "reader" : "client";
  const framer = new LlrpFramer();
  const found: Found[] = [];
  if (!flow.begun) framer.lose();
  for (const { payload, missing, time, packet } of flow.pieces) {
    if (missing > 0) {
      reporter.complain(`${from} to ${to}: ${missing} bytes before packet ${packet} were not captured`);
      framer.lose();
    }
    const { frames, errors } = framer.push(payload);
    const capture = { time: timeOf(time), sender, from, to };
    for (const frame of frames) found.push({ frame, where: `packet ${packet}, ${from} to ${to}`, packet, capture });
    for (const error of errors) reporter.complain(`${from} to ${to}, packet ${packet}, ${describe(error)}`);
  }
  const lost = framer.counters.discarded;
  if (lost > 0) reporter.complain(`${from} to ${to}: ${lost} bytes belong to no whole message`);
  if (framer.buffered > 0) {
    reporter.complain(`${from} to ${to}: ends inside a message, of which ${framer.buffered} bytes are there`);
  }
  return found;
}

/** ISO 8601 in UTC, with microseconds. */
function timeOf(micros: number): string {
  const seconds = new Date(Math.floor(micros / 1e6) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(micros % 1e6).padStart(6, "0")}Z`;
}

function encode(bytes: Uint8Array, reporter: Reporter): void {
  const lines = new TextDecoder().decode(bytes).split("\n");
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    try {
      reporter.writeBytes(encodeMessage(messageOfJson(JSON.parse(line))));
    } catch (error) {
      reporter.complain(`line ${index + 1}: ${textOf(error)}`);
    }
  }
  if (reporter.messages === 0 && reporter.complaints === 0) reporter.complain("holds no line of JSON");
}
