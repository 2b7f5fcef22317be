#!/usr/bin/env node
import { start } from "@storeward/runtime/start";

await start(import.meta.url, "whole-box.js", "demo/main.js");
