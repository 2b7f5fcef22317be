import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  PROCESS_NOT_ALONE: {
    template:
      "Another process works on this database ({others}), and {who} has a broker or a database of its own that no other can reach: set broker.url and DATABASE_URL for all of them. If the other has just ended, try again in {seconds} s",
    retryable: true,
  },
});
