import { migrations as access } from "./access/index.js";
import { migrations as alerts } from "./alerts/index.js";
import { migrations as archive } from "./archive/index.js";
import { migrations as audit } from "./audit/index.js";
import { migrations as catalog } from "./catalog/index.js";
import type { Migration } from "./database/index.js";
import { migrations as gateways } from "./gateways/index.js";
import { migrations as intake } from "./intake/index.js";
import { migrations as journal } from "./journal/index.js";
import { migrations as leases } from "./leases/index.js";
import { migrations as live } from "./live/index.js";
import { migrations as locations } from "./locations/index.js";
import { migrations as places } from "./places/index.js";
import { migrations as rebuild } from "./rebuild/index.js";
import { migrations as sources } from "./sources/index.js";
import { migrations as tags } from "./tags/index.js";
import { migrations as timeSeries } from "./time-series/index.js";

/** Every step of the schema, in order. */
export const schema: readonly Migration[] = [
  ...[
    journal,
    leases,
    intake,
    gateways,
    places,
    tags,
    catalog,
    locations,
    timeSeries,
    live,
    access,
    audit,
    rebuild,
    archive,
    alerts,
    sources,
  ].flat(),
].sort((a, b) => (a.id < b.id ? -1 : 1));
