import { defineErrors } from "@storeward/runtime";

/** What can go wrong between this device and a reader with Impinj's IoT Device Interface; the text is what health shows. */
export const E = defineErrors({
  IMPINJ_CONNECT: { template: "Cannot reach the reader at {url}: {reason}", retryable: true },
  IMPINJ_TIMEOUT: { template: "The reader did not answer {request} within {ms} ms", retryable: true },
  IMPINJ_UNAUTHORIZED: {
    template: "The reader refuses the user name or the password ({request}): correct username and passwordFile",
    retryable: true,
  },
  IMPINJ_STATUS: { template: "The reader answered {request} with {status}{detail}", retryable: true },
  IMPINJ_ANSWER: { template: "What the reader answered {request} cannot be used: {reason}", retryable: true },
  IMPINJ_KEEPALIVE: {
    template: "The reader's stream has no keep-alives: set keepAliveIntervalSeconds of its HTTP stream",
    retryable: true,
  },
  IMPINJ_SILENT: { template: "Nothing heard from the reader for {ms} ms: the stream is dead", retryable: true },
  IMPINJ_CLOSED: { template: "The stream of the reader ended: {reason}", retryable: true },
  IMPINJ_NOT_READING: { template: "The reader does not read: its inventory is {status}", retryable: true },
  IMPINJ_REGION: {
    template: "The reader works under {actual}, but {expected} is configured: correct region, or set the reader's",
    retryable: true,
  },
  IMPINJ_ANTENNA: {
    template: "Antenna {antenna} is configured, but the reader has {known}: correct antennas",
    retryable: true,
  },
  IMPINJ_POWER: {
    template: "Antenna {antenna} is to transmit {power} dBm, but the reader offers {min} to {max} dBm: correct power",
    retryable: true,
  },
  IMPINJ_MODE: { template: "The reader has no RF mode {mode}; it has: {known}", retryable: true },
});
