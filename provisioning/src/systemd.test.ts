import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AgentConfig, CloudConfig } from "@storeward/contracts";
import { configHelp } from "@storeward/runtime";
import { afterAll, describe, expect, it } from "vitest";
import { folder } from "./testing.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const units = join(root, "provisioning", "systemd");
const services = readdirSync(units).filter((name) => name.endsWith(".service"));
const ANALYZE = "systemd-analyze";
const installed = spawnSync(ANALYZE, ["--version"]).error === undefined;
const dir = folder();
afterAll(() => dir.remove());

describe.each(services)("%s", (service) => {
  const text = readFileSync(join(units, service), "utf8");

  it("starts a command that is there", () => {
    const [, place = "", script = ""] =
      /^ExecStart=(?:\/usr\/bin\/node )?\/opt\/(storeward|storeward-edge)\/(\S+)/m.exec(text) ?? [];
    // The device runs from its archive, the cloud from the project's folder.
    expect(existsSync(join(root, place === "storeward-edge" ? "provisioning/archive" : "", script))).toBe(true);
  });

  it("sets keys that the configuration has", () => {
    const [schema, prefix] = service.includes("edge")
      ? [AgentConfig, "STOREWARD_EDGE"]
      : [CloudConfig, "STOREWARD_CLOUD"];
    const known = configHelp(schema, prefix);
    const names = [...text.matchAll(/^Environment=(STOREWARD_\w+)=/gm)].map(([, name]) => name);
    for (const name of names) expect(known).toContain(name);
  });

  it.skipIf(!installed)("is understood by systemd, and little exposed (skipped without systemd-analyze)", () => {
    // What it starts need not be installed here.
    const copy = join(dir.path, service);
    writeFileSync(copy, text.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
    const verified = spawnSync(ANALYZE, ["verify", "--man=no", "--recursive-errors=no", copy], {
      encoding: "utf8",
    });
    expect([verified.status, verified.stderr]).toEqual([0, ""]);
    const judged = spawnSync(ANALYZE, ["security", "--offline=true", "--threshold=30", copy], {
      encoding: "utf8",
    });
    expect([judged.status, judged.stderr]).toEqual([0, ""]);
  });
});
