/**
 * Processor time of the agent until it has loaded all that it starts with and has read its configuration (`--check-config`): as it is installed, in one
 * file, and from its modules, in turns.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareStarts } from "../../protocol/runtime/bench/starts.js";
import { INSTALLED_FLAGS } from "./installed.js";

const TELL =
  'process.on("exit", () => { const { user, system } = process.cpuUsage(); console.error((user + system) / 1e6); });';

const dir = mkdtempSync(join(tmpdir(), "storeward-bench-"));
writeFileSync(join(dir, "password"), "bench", { mode: 0o600 });
const cloud = { url: "mqtt://127.0.0.1:1883", username: "bench", passwordFile: "password", ledger: "5".repeat(32) };
const antennas = [{ antenna: 1, power: 25 }];
const readers = [{ id: "r1", agent: "bench", region: "ETSI", driver: "llrp", host: "127.0.0.1", antennas }];
const readPoints = [{ id: "p1", role: "shelf", place: "p1", antennas: [{ reader: "r1", antenna: 1 }] }];
writeFileSync(
  join(dir, "agent.yaml"),
  JSON.stringify({ version: 1, agent: "bench", data: "data", cloud, readers, readPoints }),
);

await compareStarts({ name: "start-agent", bench: import.meta.url, rounds: 9, secondsOf: seconds });
rmSync(dir, { recursive: true });

function seconds(script) {
  const preload = `data:text/javascript,${encodeURIComponent(TELL)}`;
  const args = ["--import", preload, ...INSTALLED_FLAGS, script, "--config", join(dir, "agent.yaml"), "--check-config"];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return Number(stderr);
}
