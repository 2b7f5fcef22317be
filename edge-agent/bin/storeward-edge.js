#!/usr/bin/env node
import { start } from "@storeward/runtime/start";

await start(import.meta.url);
