import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli, systemClock } from "@storeward/runtime";
import { program } from "./program.js";

/** A small site: a storeroom behind a portal, a ward, a shelf; two agents. */
export const SITE = `site: { id: st-mary, name: St Mary, timeZone: Europe/Berlin }
places:
  - { id: clinic, name: Clinic, type: department }
  - { id: store, name: Store, type: room }
  - { id: ward, name: Ward, type: room, parent: clinic }
  - { id: shelf, name: Shelf, type: shelf, parent: store }
readPoints:
  - id: store-door
    role: portal
    inside: store
    outside: ward
    antennas: { inside: [{ reader: reader-1, antenna: 1 }], outside: [{ reader: reader-1, antenna: 2 }] }
  - { id: board, role: shelf, place: shelf, antennas: [{ reader: reader-2, antenna: 1 }], walked: { rssi: -52 } }
readers:
  - id: reader-1
    agent: edge-1
    driver: llrp
    host: 192.0.2.10
    insecure: true
    region: ETSI
    antennas: [{ antenna: 1, power: 28 }, { antenna: 2, power: 28, position: [1, 2, 2.5] }]
  - { id: reader-2, agent: edge-2, driver: metratec, device: /dev/ttyUSB0, region: ETSI, antennas: [{ antenna: 1, power: 20 }] }
agents: [{ id: edge-1, name: Door }, { id: edge-2 }]
epcFilter: { prefixes: ["30", "34"] }
`;

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as from a shell, in this process. */
export async function run(...argv: string[]): Promise<Run> {
  const result = { code: 0, out: "", err: "" };
  const out = (text: string) => {
    result.out += text;
  };
  const err = (text: string) => {
    result.err += text;
  };
  const terminal = {
    out: (line: string) => out(`${line}\n`),
    err: (line: string) => err(`${line}\n`),
    progress: () => {},
  };
  const exit = (code: number) => {
    result.code = code;
  };
  await runCli(program(terminal, systemClock), { argv, out, err, exit });
  return result;
}

/** A folder of this run's own. */
export function folder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "storeward-provision-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
