import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  GATEWAY_UNKNOWN: { template: "There is no gateway {agent}", status: 404 },
  GATEWAY_NEVER_HEARD: {
    template: "{agent} was never heard: which version its own configuration has is not known yet",
    status: 409,
    retryable: true,
  },
  GATEWAY_OFFLINE: { template: "{agent} is not online, and commands do not wait", status: 409, retryable: true },
  CONFIG_KEY_MISSING: {
    template:
      "This service has no key to sign with: let storeward-provision write configKeyFile into cloud.yaml and its public half into the agents' files",
    status: 409,
  },
  CONFIG_OF_OTHER_AGENT: { template: "Reader {reader} belongs to {other}, not to {agent}", status: 422 },
  CONFIG_READ_POINT_UNKNOWN: {
    template: "{readPoint} is no read point of the site: what is observed there would be in no place",
    status: 422,
  },
  CONFIG_TOO_LARGE: {
    template: "The configuration takes {bytes} bytes, more than a broker carries ({max})",
    status: 422,
  },
  BROKER_AWAY: { template: "The broker is not connected", status: 503, retryable: true },
});
