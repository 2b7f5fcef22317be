import { defineErrors } from "@storeward/runtime";

/** What can go wrong between this device and a metraTec reader, beside its line; the text is what health shows. */
export const E = defineErrors({
  METRATEC_TIMEOUT: { template: "The reader did not answer {command} within {ms} ms", retryable: true },
  METRATEC_ERROR: { template: "The reader answered {command} with ERROR{detail}", retryable: true },
  METRATEC_NOT_READING: { template: "The reader finished no round for {ms} ms", retryable: true },
  METRATEC_REGION: {
    template: "The reader works under {actual}, but {expected} is configured: correct region, or set the reader's",
    retryable: true,
  },
});
