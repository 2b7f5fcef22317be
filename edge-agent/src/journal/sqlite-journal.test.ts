import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@storeward/runtime";
import { afterAll } from "vitest";
import { journalContract } from "../../test/journal.contract.js";
import { openJournal } from "./sqlite-journal.js";

const dir = mkdtempSync(join(tmpdir(), "storeward-journal-"));
afterAll(() => rmSync(dir, { recursive: true }));
const log = createLogger("test", { level: "silent" });
let files = 0;

journalContract("SQLite", () => {
  const file = join(dir, `${files++}.db`);
  return { open: (clock) => openJournal({ file, maxBytes: 64 * 1024 * 1024, config: 7, clock, log }) };
});
