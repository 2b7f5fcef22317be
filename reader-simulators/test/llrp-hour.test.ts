import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { captureHospital } from "./llrp-hour.js";
import { PcapFile } from "./pcap.js";
import { complaints, skipTshark, tshark } from "./tshark.js";

const PORT = 5084;
/** Of simulated time; a whole hour where somebody asks for it. */
const MINUTES = process.env.STOREWARD_LLRP_HOUR === "1" ? 60 : 2;

describe.skipIf(skipTshark)(`${MINUTES} minutes of a hospital's LLRP readers`, { timeout: MINUTES * 30_000 }, () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "storeward-hour-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("hold no malformed packet, and nothing that tshark's expert calls an error (skipped without tshark)", async () => {
    const file = join(folder, "hour.pcap");
    const capture = new PcapFile(file, PORT);
    const { tags, connections } = await captureHospital(capture, MINUTES * 60_000);
    capture.close();
    expect(tags).toBeGreaterThan(MINUTES * 100);
    expect(connections).toBeGreaterThanOrEqual(3);
    expect(await complaints(file, PORT)).toEqual([]);
    // None was overlooked: cut and glued as they are, every message is found.
    const types = (await tshark(file, PORT, "-Y", "llrp", "-T", "fields", "-e", "llrp.type")).match(/\d+/g) ?? [];
    expect(types.length).toBe(capture.messages);
  });
});
