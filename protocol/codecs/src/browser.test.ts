import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const source = fileURLToPath(new URL(".", import.meta.url));

it("no source but the command-line tools uses what only Node has, so the codecs load in a browser", () => {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" });
  const shipped = files.filter((name) => /^(?!cli\/).*(?<!\.test)\.ts$/.test(name));
  expect(shipped.length).toBeGreaterThan(20);
  const offending = shipped.filter((name) =>
    /from "node:|from "@storeward|\b(Buffer|process|require)\b[.(]/.test(readFileSync(join(source, name), "utf8")),
  );
  expect(offending).toEqual([]);
});
