import { CloudConfig } from "@storeward/contracts";
import { configHelp, createLogger, runCli, runProcess } from "@storeward/runtime";
import { Cloud } from "./app.js";
import { archiveCommands } from "./archive-commands.js";
import { commands, configOption } from "./commands.js";
import { ENV_PREFIX, loadCloudConfig } from "./config.js";
import { setbackCommands } from "./setback-commands.js";

const NAME = "storeward-cloud";
await runCli({
  name: NAME,
  usage: "--config FILE [--check-config]",
  description: `The cloud service: takes in what agents observe, knows where things are, answers pages and programs.

Keys of the configuration file, each with the environment variable that overrides it (and DATABASE_URL for database.url):

${configHelp(CloudConfig, ENV_PREFIX).trimEnd()}`,
  options: {
    config: configOption,
    "check-config": { type: "boolean", description: "say what is wrong with the configuration, and do not start" },
  },
  commands: { ...commands, ...archiveCommands, ...setbackCommands },
  run: async ({ values }) => {
    const settings = loadCloudConfig(values.config);
    if (values["check-config"] === true) {
      const { places, readPoints, agents } = settings.site;
      for (const warning of settings.warnings) process.stdout.write(`warning: ${warning}\n`);
      const found = `${places.length} places, ${readPoints.length} read points, ${agents.length} agents`;
      process.stdout.write(`${values.config} can be used: ${found}\n`);
      return;
    }
    const log = createLogger(NAME);
    await runProcess({ name: NAME, log, build: async () => new Cloud({ settings, log }) });
  },
});
