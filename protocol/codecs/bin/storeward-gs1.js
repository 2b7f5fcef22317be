#!/usr/bin/env node
import { tool } from "../dist/cli/gs1.js";
import { main } from "../dist/cli/tool.js";

await main(tool);
