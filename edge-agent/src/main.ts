import { readFileSync } from "node:fs";
import { AgentConfig } from "@storeward/contracts";
import { configHelp, createLogger, runCli, runProcess, systemClock } from "@storeward/runtime";
import { Agent } from "./agent.js";
import { ENV_PREFIX, loadAgentConfig } from "./config.js";
import { evaluateCommand } from "./evaluate/command.js";
import { probeCommand } from "./probe/command.js";
import { LogRing } from "./remote/log-ring.js";

const NAME = "storeward-edge";

await runCli({
  name: NAME,
  usage: "--config FILE [--check-config]",
  description: `The device beside the readers: reads tags, keeps what it observes in a journal, hands it to the cloud.

Keys of the configuration file, each with the environment variable that overrides it:

${configHelp(AgentConfig, ENV_PREFIX).trimEnd()}`,
  options: {
    config: {
      type: "string",
      short: "c",
      placeholder: "FILE",
      default: "agent.yaml",
      description: "configuration of this device",
    },
    "check-config": { type: "boolean", description: "say what is wrong with the configuration, and do not start" },
  },
  commands: { evaluate: evaluateCommand, probe: probeCommand },
  run: async ({ values }) => {
    const settings = loadAgentConfig(values.config);
    if (values["check-config"] === true) {
      const { agent, version, readers, readPoints } = settings.config;
      for (const warning of settings.warnings) process.stdout.write(`warning: ${warning}\n`);
      const found = `agent ${agent}, version ${version}, ${readers.length} readers, ${readPoints.length} read points`;
      process.stdout.write(`${values.config} can be used: ${found}\n`);
      return;
    }
    const logs = new LogRing([settings.password]);
    const log = createLogger(NAME, { also: (line) => logs.add(line) });
    await runProcess({
      name: NAME,
      log,
      build: async () => new Agent({ settings, software: software(), logs, env: process.env, clock: systemClock, log }),
    });
  },
});

function software(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return `${NAME} ${(JSON.parse(text) as { version: string }).version}`;
}
