import { createHash } from "node:crypto";
import { dirname, sep } from "node:path";
import { type AgentConfig, type ConfigDocument, readerFiles } from "@storeward/contracts";
import { describeError, readSecret } from "@storeward/runtime";
import { type AgentSettings, withAbsolutePaths } from "../config.js";
import { checkAgentConfig } from "../config-check.js";
import { E } from "./errors.js";

/** A configuration that holds: `agent.yaml`, or what the cloud has set over it. */
export interface EffectiveConfig {
  readonly config: AgentConfig;
  readonly hash: string;
}

/** `agent.yaml` with what the cloud sets in its place. CONFIG_INVALID names everything that does not fit together. */
export function withRemote(
  { file, config: own }: Pick<AgentSettings, "file" | "config">,
  { version, configuration }: ConfigDocument,
): EffectiveConfig {
  const { readers, readPoints, epcFilter, journal } = configuration;
  const { epcFilter: _, ...kept } = own;
  const config: AgentConfig = {
    ...kept,
    version,
    readers: readers.map((reader) => withAbsolutePaths(reader, file)),
    readPoints,
    ...(epcFilter === undefined ? {} : { epcFilter }),
    journal: { ...own.journal, ...journal },
  };
  const near = filesNear(file, own);
  const problems = checkAgentConfig(config, (path) => {
    if (!near(path)) throw E.CONFIG_FILE_FOREIGN({ path });
    readSecret(path);
  });
  if (problems.length > 0) {
    const list = problems.map(({ path, message }) => `${path}: ${message}`).join("; ");
    throw E.CONFIG_INVALID({ version, list });
  }
  const hash = createHash("sha256").update(JSON.stringify({ version, configuration })).digest("hex");
  return { config, hash };
}

/** What is set from afar may name files beside `agent.yaml`, and those that it names itself: no other is sent to a reader as its secret. */
function filesNear(file: string, own: AgentConfig): (path: string) => boolean {
  const { passwordFile, caFile } = own.cloud;
  const named = new Set([passwordFile, caFile, ...own.readers.flatMap(readerFiles).map(({ path }) => path)]);
  return (path) => named.has(path) || path.startsWith(`${dirname(file)}${sep}`);
}

/** For a refusal: what the cloud is told. */
export function refusalOf(version: number, error: unknown): { version: number; code: string; text: string } {
  const code = error instanceof Error && "code" in error ? String(error.code) : "UNKNOWN";
  const text = error instanceof Error ? error.message : describeError(error);
  return { version, code: code.slice(0, 60), text: text.slice(0, 500) };
}
