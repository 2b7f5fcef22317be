import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";

const TSHARK = "tshark";
const run = promisify(execFile);
const missing = spawnSync(TSHARK, ["--version"]).error !== undefined;

/** Where tshark is not installed its tests are skipped, unless they are required. */
export const skipTshark = missing && process.env.STOREWARD_REQUIRE_SERVERS !== "1";

/** Malformed, or an expert's error (PI_ERROR). */
const BAD = "_ws.malformed || _ws.expert.severity >= 8388608";
/**
 * Where tshark 4.0 miscounts: it shows the field and then does not step over it (the version of SET_PROTOCOL_VERSION, the count
 * before Identification's ReaderID, the data of a CUSTOM_MESSAGE). By LLRP's type number.
 */
const MISTAKEN = [
  "47 Incorrect length of message: 10 bytes decoded, but 11 bytes available.",
  "12 Incorrect length of parameter: 13 bytes decoded, but 15 bytes claimed.",
  "1023 Incorrect length of message: 14 bytes decoded, but 18 bytes available.",
];

/** What tshark shows of a capture of LLRP on `port`. */
export async function tshark(file: string, port: number, ...args: string[]): Promise<string> {
  const { stdout } = await run(TSHARK, ["-r", file, "-d", `tcp.port==${port},llrp`, ...args], { maxBuffer: 512e6 });
  return stdout;
}

/** What tshark finds wrong, one line each: types of the messages in the packet, and its words. */
export async function complaints(file: string, port: number): Promise<string[]> {
  const fields = ["-T", "fields", "-E", "separator=/s", "-e", "llrp.type", "-e", "_ws.expert.message"];
  const lines = (await tshark(file, port, "-Y", BAD, ...fields)).split("\n");
  return lines.filter((line) => line !== "" && !MISTAKEN.includes(line));
}
