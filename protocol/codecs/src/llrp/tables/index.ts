import type { ProtocolTable } from "../definition.js";
import { access } from "./access.js";
import { accessResults } from "./access-results.js";
import { c1g2Inventory } from "./c1g2-inventory.js";
import { c1g2Security } from "./c1g2-security.js";
import { capabilities } from "./capabilities.js";
import { configuration } from "./configuration.js";
import { events } from "./events.js";
import { general } from "./general.js";
import { impinj, impinjMessages } from "./impinj.js";
import { lists } from "./lists.js";
import { messages } from "./messages.js";
import { readerOperation } from "./reader-operation.js";
import { reports } from "./reports.js";
import { zebra, zebraMessages } from "./zebra.js";

/**
 * LLRP 1.0.1, 1.1 and 2.0 whole: what the later ones add is new parameters, bits that the earlier ones reserve, and fields
 * behind theirs (`added`), so one table serves all. A vendor's extension is one more file with rows of
 * `custom: [vendor, subtype]`, spread in here.
 */
export const table = {
  messages: { ...messages, ...impinjMessages, ...zebraMessages },
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
    ...c1g2Security,
    ...impinj,
    ...zebra,
  },
  lists,
} as const satisfies ProtocolTable;
