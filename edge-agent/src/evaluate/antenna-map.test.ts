import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { siteOfConfig, siteOfMap } from "./antenna-map.js";

const dir = mkdtempSync(join(tmpdir(), "storeward-map-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, text: string): string {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
}

describe("an antenna map", () => {
  it("gives each antenna of the recording, whatever its name, a read point of its own role", () => {
    const site = siteOfMap(
      file(
        "map.json",
        JSON.stringify({
          antennas: [
            { reader: "10.0.0.7", antenna: "Ant 1", readPoint: "door", role: "inside" },
            { reader: "10.0.0.7", antenna: "Ant 2", readPoint: "door", role: "outside" },
            { reader: 3, readPoint: "board", role: "shelf" },
            { reader: 4, readPoint: "finish", role: "line" },
          ],
          portals: [{ readPoint: "door", inside: "store", outside: "corridor" }],
        }),
      ),
    );
    const at = (reader: string, antenna: string) => site.locate(reader, antenna);
    expect(site.readPoints).toEqual([
      {
        id: "door",
        role: "portal",
        inside: "store",
        outside: "corridor",
        antennas: { inside: [at("10.0.0.7", "Ant 1")], outside: [at("10.0.0.7", "Ant 2")] },
      },
      { id: "board", role: "shelf", place: "board", antennas: [at("3", "1")] },
    ]);
    expect(site.lines).toEqual([{ id: "finish", antennas: [at("4", "1")] }]);
    expect(at("10.0.0.7", "Ant 3")).toBeUndefined();
    expect(site.antennasOf("10.0.0.7").length).toBe(2);
  });

  it("that makes no sense is told by the line of each mistake", () => {
    const wrong = file(
      "map.yaml",
      `antennas:
  - { antenna: 1, readPoint: a, role: shelf }
  - { antenna: 1, readPoint: b, role: shelf }
  - { antenna: 2, readPoint: door, role: inside }
  - { antenna: 3, readPoint: door, role: line }
portals:
  - { readPoint: gate, inside: x, outside: y }
`,
    );
    expect(() => siteOfMap(wrong)).toThrow(
      /3 problems.*map\.yaml:3:\d+ .*already antennas\[0\].*:4:\d+ .*door has inside line.*:7:\d+ .*gate is at no antenna/s,
    );
  });

  it("may be the configuration of the device itself", () => {
    const config = file(
      "agent.yaml",
      `version: 1
agent: edge-1
data: /var/lib/storeward-edge
cloud: { url: mqtt://127.0.0.1, username: edge-1, passwordFile: none, ledger: "${"0".repeat(32)}" }
epcFilter: { prefixes: ["30"] }
readers:
  - { id: shelf-reader, agent: edge-1, driver: llrp, host: 127.0.0.1, region: ETSI, antennas: [{ antenna: 4, power: 20 }] }
readPoints:
  - { id: board, role: shelf, place: board, antennas: [{ reader: shelf-reader, antenna: 4 }] }
`,
    );
    const site = siteOfConfig(config);
    expect(site.epcFilter).toEqual({ prefixes: ["30"] });
    expect(site.locate("shelf-reader", "4")).toEqual({ reader: "shelf-reader", antenna: 4 });
    // A recording of the only reader need not name it.
    expect(site.locate("", "4")).toEqual({ reader: "shelf-reader", antenna: 4 });
    expect(site.locate("shelf-reader", "1")).toBeUndefined();
  });
});
