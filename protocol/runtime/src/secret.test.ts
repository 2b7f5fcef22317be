import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readSecret } from "./secret.js";

const dir = mkdtempSync(join(tmpdir(), "storeward-secret-"));
afterAll(() => rmSync(dir, { recursive: true }));

it("a secret is trimmed, and a file that others may read is told of", () => {
  const path = join(dir, "s");
  writeFileSync(path, "  hunter2\n");
  chmodSync(path, 0o600);
  expect(readSecret(path)).toEqual({ value: "hunter2", exposed: false });
  chmodSync(path, 0o640);
  expect(readSecret(path)).toEqual({ value: "hunter2", exposed: true });
});

it("a secret that cannot be read names the path and the reason", () => {
  const empty = join(dir, "empty");
  writeFileSync(empty, " \n");
  const large = join(dir, "large");
  writeFileSync(large, "x".repeat(65 * 1024));
  const reasons = [
    [join(dir, "none"), "it does not exist"],
    [dir, "it is a folder"],
    [empty, "it is empty"],
    [large, "it is larger than"],
  ] as const;
  for (const [path, reason] of reasons) {
    expect(() => readSecret(path)).toThrow(expect.objectContaining({ code: "SECRET_UNREADABLE" }));
    expect(() => readSecret(path)).toThrow(path);
    expect(() => readSecret(path)).toThrow(reason);
  }
});
