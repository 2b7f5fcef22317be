import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { canMount } from "./disks.js";
import { fillDisk } from "./full-disk.js";

const TIMES = 20;
const dir = mkdtempSync(join(tmpdir(), "storeward-full-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe.skipIf(!canMount)("a disk that is full and has room again (skipped without root)", () => {
  it(`${TIMES} times: every row is in the cloud once, or inside a declared gap`, async () => {
    const { wrong, kept, refused } = await fillDisk({ dir, times: TIMES });
    console.log(
      `torture: disk full ${TIMES} times: ${kept} rows kept, all in the cloud once; ${refused} refused, all declared`,
    );
    expect(wrong).toEqual([]);
    expect(refused).toBeGreaterThan(TIMES * 5);
  });
});
