import { runCli, systemClock } from "@storeward/runtime";
import { program } from "./program.js";
import { systemTerminal } from "./terminal.js";

await runCli(program(systemTerminal(), systemClock));
