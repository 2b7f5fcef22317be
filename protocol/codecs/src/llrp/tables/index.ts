import type { ProtocolTable } from "../definition.js";
import { access } from "./access.js";
import { accessResults } from "./access-results.js";
import { c1g2Inventory } from "./c1g2-inventory.js";
import { capabilities } from "./capabilities.js";
import { configuration } from "./configuration.js";
import { events } from "./events.js";
import { general } from "./general.js";
import { lists } from "./lists.js";
import { messages } from "./messages.js";
import { readerOperation } from "./reader-operation.js";
import { reports } from "./reports.js";

/**
 * LLRP 1.0.1 and 1.1 whole: what 1.1 adds is new parameters and bits that 1.0.1 reserves, so one table serves both.
 * A vendor's extension is one more file with rows of `custom: [vendor, subtype]`, spread in here.
 */
export const table = {
  messages,
  parameters: {
    ...general,
    ...capabilities,
    ...readerOperation,
    ...access,
    ...configuration,
    ...reports,
    ...accessResults,
    ...events,
    ...c1g2Inventory,
  },
  lists,
} as const satisfies ProtocolTable;
