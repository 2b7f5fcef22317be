import { defineErrors } from "@storeward/runtime";

/** What keeps an agent from handing over its journal: each is a problem that telemetry carries until it is over. */
export const E = defineErrors({
  UPLINK_FOREIGN_LEDGER: {
    template:
      "The cloud that answers has ledger {ledger}, this agent is enrolled with {pinned}: nothing is sent to it; check cloud.url, or enrol the agent again",
    retryable: true,
  },
  UPLINK_REJECTED: {
    template: "The cloud cannot read what this agent sends ({code}: {detail}): update the cloud or the agent",
    retryable: true,
  },
  UPLINK_UNANSWERED: {
    template:
      "The broker takes this agent's messages, but the cloud does not answer since {seconds} s: is storeward-cloud running?",
    retryable: true,
  },
  UPLINK_REFUSED: {
    template:
      "The broker at {url} refuses user {username} ({reason}): check cloud.username and the content of cloud.passwordFile",
    retryable: true,
  },
  UPLINK_NOT_SUBSCRIBED: {
    template:
      "The broker does not let this agent subscribe to {topic}: its access rules must allow an agent its own topics",
    retryable: true,
  },
  UPLINK_CONTESTED: {
    template:
      "The last {times} connections to the cloud ended within a minute: another device may be running with this one's identity (enrol it anew), or the line is bad",
    retryable: true,
  },
  UPLINK_UNREACHABLE: { template: "The broker at {url} cannot be reached", retryable: true },
});
