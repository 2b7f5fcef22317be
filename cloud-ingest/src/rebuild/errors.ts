import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  REBUILD_RUNNING: { template: "Another rebuild works on this database: wait for it, or stop it", retryable: true },
  REBUILD_NO_START: {
    template:
      "There is nothing to begin from: the journal begins with {oldest}, after its first rows were taken away, and no checkpoint is as old as that (there are {edges})",
  },
  REBUILD_ROWS_MISSING: {
    template:
      "The journal ends at {pos} in partition {partition}, and the service has followed it to {cap}: rows are missing",
  },
  REBUILD_LIVE_BEHIND: {
    template:
      "The service has not followed its evidence for {seconds} s ({rows} rows are before it): is it running? Nothing was changed",
    retryable: true,
  },
  REBUILD_PARKED: {
    template:
      "{rows} rows were put aside by {followers}: let them be handled first, for nobody knows what they would change. Nothing was changed",
  },
});
