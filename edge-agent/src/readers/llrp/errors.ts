import { defineErrors } from "@storeward/runtime";

/** What can go wrong between this device and an LLRP reader; the text is what health shows. */
export const E = defineErrors({
  LLRP_CONNECT: { template: "Cannot connect to the reader at {host}:{port}: {reason}", retryable: true },
  LLRP_NO_GREETING: {
    template: "The reader accepted the connection but did not greet within {ms} ms",
    retryable: true,
  },
  LLRP_TLS: {
    template: "No TLS with the reader at {host}:{port}: {reason}; see tls, caFile and serverName of this reader",
    retryable: true,
  },
  LLRP_UNKNOWN_CALLER: { template: "A reader that is not configured called: {who}", retryable: true },
  LLRP_FILE: { template: "{key} of the reader cannot be read: {reason}", retryable: true },
  LLRP_REPLACED: { template: "The reader called again, so its earlier call is over", retryable: true },
  LLRP_IDENTITY: {
    template:
      "The reader says that it is {actual}, but identity is {expected}: another reader stands there, or correct identity",
    retryable: true,
  },
  LLRP_REFUSED: { template: "The reader refuses the connection: {reason}", retryable: true },
  LLRP_TIMEOUT: { template: "The reader did not answer {message} within {ms} ms", retryable: true },
  LLRP_STATUS: { template: "The reader answered {message} with {status}{detail}", retryable: true },
  LLRP_SILENT: { template: "Nothing heard from the reader for {ms} ms: the link is dead", retryable: true },
  LLRP_CLOSED: { template: "The connection to the reader ended: {reason}", retryable: true },
  LLRP_GARBAGE: { template: "What comes from the reader is not LLRP ({code} at byte {offset})", retryable: true },
  LLRP_NOT_READING: { template: "The reader does not read: {reason}", retryable: true },
  LLRP_REGION: {
    template: "The reader works under {actual}, but {expected} is configured: correct region, or use another reader",
    retryable: true,
  },
  LLRP_ANTENNA: {
    template: "Antenna {antenna} is configured, but the reader has {count}: correct antennas",
    retryable: true,
  },
  LLRP_MODE: {
    template:
      "RF mode {mode} is configured for the {role} antennas, but the reader offers {known}: correct reading.{role}.mode",
    retryable: true,
  },
  LLRP_SEARCH: {
    template: "Search mode {search} is configured for the {role} antennas, but {why}: remove reading.{role}.search",
    retryable: true,
  },
  LLRP_POWER: {
    template: "Antenna {antenna} is to transmit {power} dBm, but the reader offers {min} to {max} dBm: correct power",
    retryable: true,
  },
});
