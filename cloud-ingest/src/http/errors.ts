import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  NOT_SIGNED_IN: { template: "Sign in first: POST /api/v1/session", status: 401 },
  ROLE_MISSING: { template: "Only an administrator may do this", status: 403 },
  FOREIGN_ORIGIN: { template: "A page of {origin} may not use this browser's session", status: 403 },
  NOT_FOUND: { template: "There is nothing at {path}", status: 404 },
  METHOD_NOT_ALLOWED: { template: "{method} is not possible at {path}; possible: {allowed}", status: 405 },
  TOO_MANY_REQUESTS: { template: "Too many requests: try again in {retryAfter} s", status: 429, retryable: true },
  SIMULATION_UNREACHABLE: { template: "The simulated hospital does not answer", status: 502, retryable: true },
  SIMULATION_UNREADABLE: { template: "The simulated hospital's answer cannot be used: {reason}", status: 502 },
});
