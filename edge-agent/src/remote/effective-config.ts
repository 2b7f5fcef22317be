import { createHash } from "node:crypto";
import type { AgentConfig, ConfigDocument } from "@storeward/contracts";
import { describeError } from "@storeward/runtime";
import { checkAgentConfig } from "../config-check.js";
import { E } from "./errors.js";

/** A configuration that holds: `agent.yaml`, or what the cloud has set over it. */
export interface EffectiveConfig {
  readonly config: AgentConfig;
  readonly hash: string;
}

/** `agent.yaml` with what the cloud sets in its place. CONFIG_INVALID names everything that does not fit together. */
export function withRemote(own: AgentConfig, { version, configuration }: ConfigDocument): EffectiveConfig {
  const { readers, readPoints, epcFilter, journal } = configuration;
  const { epcFilter: _, ...kept } = own;
  const config: AgentConfig = {
    ...kept,
    version,
    readers,
    readPoints,
    ...(epcFilter === undefined ? {} : { epcFilter }),
    journal: { ...own.journal, ...journal },
  };
  // The files that agent.yaml names were read at the start.
  const problems = checkAgentConfig(config, () => undefined);
  if (problems.length > 0) {
    const list = problems.map(({ path, message }) => `${path}: ${message}`).join("; ");
    throw E.CONFIG_INVALID({ version, list });
  }
  const hash = createHash("sha256").update(JSON.stringify({ version, configuration })).digest("hex");
  return { config, hash };
}

/** For a refusal: what the cloud is told. */
export function refusalOf(version: number, error: unknown): { version: number; code: string; text: string } {
  const code = error instanceof Error && "code" in error ? String(error.code) : "UNKNOWN";
  const text = error instanceof Error ? error.message : describeError(error);
  return { version, code: code.slice(0, 60), text: text.slice(0, 500) };
}
