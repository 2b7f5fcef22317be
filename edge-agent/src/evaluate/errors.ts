import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  EVALUATE_UNREADABLE: { template: "{file} cannot be read: {reason}", status: 400 },
  EVALUATE_COLUMNS: {
    template: "{file} has no column for {missing}; it has {found}. Name it: --columns {missing}=NAME",
    status: 400,
  },
  EVALUATE_JSON_ARRAY: {
    template: "{file} begins with [: give one object a line, as `jq -c '.[]'` writes them",
    status: 400,
  },
  EVALUATE_NO_READS: { template: "There is no read in {files} at an antenna of the map: {why}", status: 400 },
  EVALUATE_NO_TRUTH: { template: "There is no stay and no passage in {files}: {why}", status: 400 },
});
