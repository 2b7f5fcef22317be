import { isStorewardError } from "@storeward/runtime";
import type { Counters } from "../counters.js";
import type { LlrpConnection } from "./connection.js";

/** The highest version that this program speaks: LLRP 1.1. */
const NEWEST = 2;

/**
 * The lower of both sides' versions (LLRP 1.1 §9.1). Negotiation is in version 2 whatever comes of it; everything else, such as the
 * answer to a keepalive in between, stays in 1 until it is agreed. A reader of 1.0.1 answers with an error, or not at all.
 */
export async function agreeOnVersion(connection: LlrpConnection, counters: Counters): Promise<void> {
  try {
    const { CurrentVersion, SupportedVersion } = await connection.request(
      { type: "GET_SUPPORTED_VERSION", version: NEWEST },
      "GET_SUPPORTED_VERSION_RESPONSE",
    );
    const wanted = SupportedVersion >= NEWEST ? NEWEST : 1;
    // Once a connection, and not for what is so already (§9.1.3).
    if (CurrentVersion !== wanted)
      await connection.request(
        { type: "SET_PROTOCOL_VERSION", version: NEWEST, ProtocolVersion: wanted },
        "SET_PROTOCOL_VERSION_RESPONSE",
      );
    connection.version = wanted;
  } catch (error) {
    if (!isStorewardError(error, "LLRP_STATUS") && !isStorewardError(error, "LLRP_TIMEOUT")) throw error;
    connection.version = 1;
  }
  if (connection.version === 1) counters.add("version101");
}
