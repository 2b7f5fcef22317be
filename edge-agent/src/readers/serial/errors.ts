import { defineErrors } from "@storeward/runtime";

/** What can go wrong on a serial line, whatever is spoken on it; the text is what health shows. */
export const E = defineErrors({
  SERIAL_OPEN: { template: "Cannot open {device}: {reason}", retryable: true },
  SERIAL_CLOSED: { template: "The line {device} is gone: {reason}", retryable: true },
  SERIAL_SILENT: { template: "Nothing heard from the reader for {ms} ms", retryable: true },
});
