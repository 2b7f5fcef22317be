import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomHex } from "@storeward/runtime";

/** The file of the administrator's password (0600): what was chosen, else what is there, else a new one. */
export function adminPasswordFile(data: string, chosen: string | undefined): string {
  const file = join(data, "admin-password");
  if (chosen !== undefined || !existsSync(file) || readFileSync(file, "utf8").trim() === "") {
    writeFileSync(file, `${chosen ?? randomHex(12)}\n`, { mode: 0o600 });
  }
  chmodSync(file, 0o600);
  return file;
}
