import { defineErrors } from "@storeward/runtime";

/** What can go wrong between this device and a TSL reader, beside its line; the text is what health shows. */
export const E = defineErrors({
  TSL_TIMEOUT: { template: "The reader did not answer {command} within {ms} ms", retryable: true },
  TSL_ERROR: { template: "The reader answered {command} with error {code}{detail}", retryable: true },
  TSL_NOT_READING: { template: "The reader finished no inventory for {ms} ms", retryable: true },
});
