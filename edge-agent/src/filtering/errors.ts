import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  FILTER_CROWDED: {
    template:
      "{reads} reads were left out: more tags are in range than this device follows at once. Tell them apart with epcFilter, or give some readers to another device",
  },
});
