import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  DAY_UNKNOWN: { template: "The log {log} has no day {day}: its days are {days}" },
  DAY_OPEN: { template: "{day} is not over yet (days are UTC): rows may still come" },
  EXPORT_FAILED: { template: "{log} of {day} could not be exported to {folder}: {reason}. Nothing was left there" },
  EXPORT_DAMAGED: { template: "What was written to {file} does not read back as it was written: try another disk" },
  EXPORT_UNREADABLE: { template: "{file} is no export that can be taken back in: {reason}" },
  ATTACH_RUNNING: { template: "Another day is being taken back in: wait for that, or stop it", retryable: true },
  DAY_THERE: { template: "The log {log} has {day} already" },
  DAY_NOT_NEXT: {
    template:
      "{log} of {day} ends with position {last} in partition {partition}, and what is there begins with {first}: take the days between them in first, the latest first",
  },
  DAY_NEEDED: { template: "{log} of {day} cannot be detached:{reasons}" },
});
