import type { CliProgram, Clock } from "@storeward/runtime";
import { itemsCommand } from "./items-command.js";
import { siteCommand } from "./site-command.js";
import type { Terminal } from "./terminal.js";

/** The command line of `storeward-provision`. Exit codes: 0 good, 1 problems, 2 usage. */
export function program(terminal: Terminal, clock: Clock): CliProgram {
  return {
    name: "storeward-provision",
    description: "Sets up a site from its description: what every part is configured with, and what there is.",
    commands: { site: siteCommand(terminal), items: itemsCommand(terminal, clock) },
  };
}
