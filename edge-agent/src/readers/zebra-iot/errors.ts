import { defineErrors } from "@storeward/runtime";

/** What can go wrong between this device and a reader with Zebra's IoT Connector; the text is what health shows. */
export const E = defineErrors({
  ZEBRA_BROKER: { template: "Cannot use the broker {url}: {reason}", retryable: true },
  ZEBRA_SUBSCRIBE: { template: "The broker does not let this device subscribe to {topic}", retryable: true },
  ZEBRA_TIMEOUT: {
    template:
      "The reader did not answer {command} on {topic} within {ms} ms: is it connected to this broker, with these topics?",
    retryable: true,
  },
  ZEBRA_REFUSED: { template: "The reader refuses {command}: {reason}", retryable: true },
  ZEBRA_SILENT: { template: "Nothing heard from the reader for {ms} ms", retryable: true },
  ZEBRA_CLOSED: { template: "The connection to the broker ended: {reason}", retryable: true },
  ZEBRA_NOT_READING: { template: "The reader does not read: {reason}", retryable: true },
  ZEBRA_REGION: {
    template: "The reader works under {actual}, but {expected} is configured: correct region, or set the reader's",
    retryable: true,
  },
  ZEBRA_ANTENNA: {
    template: "Antenna {antenna} is configured, but the reader has {known}: correct antennas",
    retryable: true,
  },
  ZEBRA_POWER: {
    template: "Antenna {antenna} is to transmit {power} dBm, but the reader offers {min} to {max} dBm: correct power",
    retryable: true,
  },
  ZEBRA_MODE: {
    template: "The reader took the operating mode but did not set {what}: it has {actual} instead of {expected}",
    retryable: true,
  },
});
