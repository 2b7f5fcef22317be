import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Site } from "@storeward/contracts";
import { createLogger, loadConfig, runCli, runProcess, systemClock, usageError } from "@storeward/runtime";
import { Simulator } from "./simulator.js";

await runCli({
  name: "storeward-sim",
  description:
    "A simulated hospital: people move tagged things, and readers that speak real bytes report what their antennas read.",
  usage: "--site FILE --items FILE --seed N",
  options: {
    site: { type: "string", placeholder: "FILE", description: "site.yaml: places, read points, readers" },
    items: { type: "string", placeholder: "FILE", description: "items.csv: what there is and where its home is" },
    scenario: {
      type: "string",
      placeholder: "FILE",
      description: "unlisted tags and badges; default: scenario.yaml beside the items, if there is one",
    },
    seed: {
      type: "string",
      placeholder: "N",
      default: "1",
      description: "whole number; the same one gives the same truth",
    },
    pace: {
      type: "string",
      placeholder: "X",
      default: "1",
      description: "how lively: 0 only errands, 1 about nine people, at most 5",
    },
    state: {
      type: "string",
      placeholder: "FILE",
      description: "where the truth is kept, so that the next start continues it",
    },
    http: {
      type: "string",
      placeholder: "PORT",
      default: "0",
      description: "loopback port of truth and commands; 0: any that is free",
    },
    "llrp-port": {
      type: "string",
      placeholder: "BASE",
      default: "0",
      description: "port of the first LLRP reader, the others follow; 0: any that are free",
    },
    "ready-file": {
      type: "string",
      placeholder: "FILE",
      description: "written when everything listens: { http, readers }",
    },
    "tcp-serial": {
      type: "boolean",
      default: false,
      description: "serial readers over TCP even where there are pseudo-terminals",
    },
    "check-config": {
      type: "boolean",
      default: false,
      description: "say what is wrong with the files, and start nothing",
    },
  },
  async run({ values }) {
    const { site: siteFile, items: itemsFile } = values;
    if (siteFile === undefined) throw usageError("--site is missing");
    if (itemsFile === undefined) throw usageError("--items is missing");
    const beside = join(dirname(itemsFile), "scenario.yaml");
    const options = {
      site: loadConfig(Site, siteFile),
      itemsFile,
      scenarioFile: values.scenario ?? (existsSync(beside) ? beside : undefined),
      seed: wholeNumber("--seed", values.seed, 0, 0xffff_ffff),
      pace: decimal("--pace", values.pace, 0, 5),
      stateFile: values.state,
      httpPort: wholeNumber("--http", values.http, 0, 65_535),
      llrpPort: wholeNumber("--llrp-port", values["llrp-port"], 0, 65_500),
      readyFile: values["ready-file"],
      tcpOnly: values["tcp-serial"],
      firmware: "storeward-sim",
      clock: systemClock,
      log: createLogger("storeward-sim"),
    };
    if (values["check-config"]) {
      Simulator.check(options);
      process.stdout.write(`${siteFile} and ${itemsFile} can be simulated\n`);
      return;
    }
    await runProcess({ name: "storeward-sim", log: options.log, build: async () => new Simulator(options) });
  },
});

function wholeNumber(option: string, text: string, low: number, high: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= low && value <= high) return value;
  throw usageError(`${option} takes a whole number from ${low} to ${high}, not '${text}'`);
}

function decimal(option: string, text: string, low: number, high: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= low && value <= high) return value;
  throw usageError(`${option} takes a number from ${low} to ${high}, not '${text}'`);
}
