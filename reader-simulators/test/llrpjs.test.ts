import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { BenchReader, EPCS } from "./bench-reader.js";

const run = promisify(execFile);
const CLIENT = join(import.meta.dirname, "llrpjs-client.js");
const REPORTS = 10;
/** On a machine that is busy, frames glue: it then waits for ever for the one it has swallowed, and is to be asked again. */
const LIMIT_MS = 5_000;
const RETRY = { retry: 3, timeout: 10_000 };

let bench: BenchReader;
let ticking: NodeJS.Timeout | undefined;
afterEach(async () => {
  clearInterval(ticking);
  await bench.stop();
});

describe("llrpjs, a client of somebody else", () => {
  it.each([
    ["a plain reader", {}],
    ["a reader of 1.0.1 without a clock", { newestVersion: 1, utc: false }],
  ] as const)("connects to %s, provisions it, gets tag reports, and says goodbye", RETRY, async (_, flavour) => {
    bench = await new BenchReader({ antennas: 2, flavour }).start();
    bench.tags.set(1, [EPCS[0]!]);
    bench.tags.set(2, [EPCS[1]!]);
    // One report a TCP segment: of several that come in one it delivers the first.
    ticking = setInterval(() => bench.pass(50), 20);
    const { stdout } = await run(process.execPath, [CLIENT, String(bench.tcpPort), String(REPORTS)], {
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    });
    const said = JSON.parse(stdout.split("\n").find((line) => line.startsWith("{")) ?? "{}");
    expect(said).toMatchObject({
      status: "Success",
      antennas: 2,
      answered: [
        "DELETE_ROSPEC_RESPONSE M_Success",
        "SET_READER_CONFIG_RESPONSE M_Success",
        "GET_READER_CAPABILITIES_RESPONSE M_Success",
        "ADD_ROSPEC_RESPONSE M_Success",
        "ENABLE_ROSPEC_RESPONSE M_Success",
        "START_ROSPEC_RESPONSE M_Success",
        "STOP_ROSPEC_RESPONSE M_Success",
        "CLOSE_CONNECTION_RESPONSE M_Success",
      ],
    });
    const tags = said.tags as { epc: string; antenna: number; rssi: number }[];
    expect(tags.length).toBeGreaterThanOrEqual(REPORTS);
    const distinct = new Set(tags.map(({ epc, antenna, rssi }) => `${epc.toUpperCase()} ${antenna} ${rssi}`));
    expect([...distinct].sort()).toEqual([`${EPCS[0]} 1 -50`, `${EPCS[1]} 2 -50`]);
  });
});
