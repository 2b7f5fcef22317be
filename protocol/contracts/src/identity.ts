import { Type } from "typebox";

/** The id of an agent, a site, a reader or a read point: a code chosen by whoever describes the site. */
export const CODE_PATTERN = "^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$";
export const Code = Type.String({ pattern: CODE_PATTERN, description: "1 to 40 of a-z, 0-9 and inner hyphens" });

/** The id of a source: a phone or a client of the API that keeps a journal like an agent's. It is given by the cloud, and no agent has one like it. */
export const SOURCE_ID_PATTERN = "^source-[0-9a-f]{32}$";
export const SourceId = Type.String({ pattern: SOURCE_ID_PATTERN });
const sourceId = new RegExp(SOURCE_ID_PATTERN);

/** Whether a journal is a source's, and not an agent's. */
export function isSource(id: string): boolean {
  return sourceId.test(id);
}

/** A journal epoch, a boot, a session or a ledger: 128 random bits, lower-case hex. */
export const RandomId = Type.String({ pattern: "^[0-9a-f]{32}$" });

/** Eight bytes of the row chain, lower-case hex. */
export const Chain = Type.String({ pattern: "^[0-9a-f]{16}$" });

/** A tag's EPC bank after the PC word: whole 16-bit words, upper-case hex, at most 496 bits (C1G2 §6.3.2.1.2.2). */
export const EPC_HEX_PATTERN = "^(?:[0-9A-F]{4}){1,31}$";
export const EpcHex = Type.String({ pattern: EPC_HEX_PATTERN });

export const Uuid = Type.String({ format: "uuid" });
export const Timestamp = Type.String({ format: "date-time", description: "UTC, ISO 8601 with milliseconds" });

/** Partitions of the fleet: the unit by which cloud processes share the load. */
export const PARTITIONS = 64;

/**
 * The partition of an agent: FNV-1a 32 of its id, modulo {@link PARTITIONS}.
 * The id is `[a-z0-9-]`, so its UTF-16 units are its bytes.
 */
export function partitionOf(agent: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < agent.length; i++) {
    hash ^= agent.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % PARTITIONS;
}
