import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  ITEMS_UNREADABLE: { template: "The items cannot be read from {file}", status: 400, retryable: false },
  ITEMS_INVALID: { template: "{file}:{line} {problem}", status: 400, retryable: false },
  SCENARIO_INVALID: { template: "{file}: {problem}", status: 400, retryable: false },
  SITE_NOT_SIMULATED: { template: "The site cannot be simulated: {problem}", status: 400, retryable: false },
  STATE_INVALID: {
    template: "The state file {file} cannot be used: {problem}. Remove it to begin anew",
    status: 500,
    retryable: false,
  },
  THING_UNKNOWN: { template: "No thing has the EPC {epc}", status: 404, retryable: false },
  PLACE_UNKNOWN: { template: "Nothing can be brought to {place}: name a room or a shelf board", status: 400 },
  PORTAL_UNKNOWN: { template: "{readPoint} is no door with a portal", status: 404, retryable: false },
  REQUESTS_FULL: { template: "People have {count} errands waiting: ask again later", status: 503, retryable: true },
});
