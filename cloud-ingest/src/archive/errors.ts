import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  DAY_UNKNOWN: { template: "The log {log} has no day {day}: its days are {days}" },
  DAY_OPEN: { template: "{day} is not over yet (days are UTC): rows may still come" },
  EXPORT_FAILED: { template: "{log} of {day} could not be exported to {folder}: {reason}. Nothing was left there" },
  EXPORT_DAMAGED: { template: "What was written to {file} does not read back as it was written: try another disk" },
  DAY_NEEDED: { template: "{log} of {day} cannot be detached:{reasons}" },
});
