#!/usr/bin/env node
import { tool } from "../dist/cli/gs1.js";
import { runTool } from "../dist/cli/tool.js";

process.exitCode = await runTool(tool, process.argv.slice(2));
