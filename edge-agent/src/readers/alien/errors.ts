import { defineErrors } from "@storeward/runtime";

/** What can go wrong between this device and an Alien reader, beside its line; the text is what health shows. */
export const E = defineErrors({
  ALIEN_TIMEOUT: { template: "The reader did not answer {command} within {ms} ms", retryable: true },
  ALIEN_ERROR: { template: "The reader answered {command} with {reason}", retryable: true },
  ALIEN_UNKNOWN: { template: "What answers does not tell a ReaderType: it is no Alien reader", retryable: true },
  ALIEN_LOGIN: {
    template: "The reader refuses the user {username}: correct username and passwordFile",
    retryable: true,
  },
  ALIEN_NOT_READING: { template: "The reader gave no tag list for {ms} ms", retryable: true },
  ALIEN_ANTENNA: {
    template: "Antenna {antenna} is configured, but the reader has {count}: correct antennas",
    retryable: true,
  },
});
