#!/usr/bin/env node
import { tool } from "../dist/cli/epc.js";
import { main } from "../dist/cli/tool.js";

await main(tool);
