import { defineErrors } from "@storeward/runtime";

/** Why what the cloud sent is not done. Each text says who must do what. */
export const E = defineErrors({
  REMOTE_NO_KEY: {
    template:
      "The cloud has sent a {kind}, and this agent does not know its key: give cloud.configKey in agent.yaml, as storeward-provision writes it",
  },
  REMOTE_UNREADABLE: { template: "A {kind} from the cloud cannot be read: {reason}" },
  REMOTE_FORGED: {
    template:
      "A {kind} is not signed with the key in cloud.configKey: somebody else wrote it, or the cloud was given another key (storeward-provision writes both)",
  },
  REMOTE_OTHER_AGENT: { template: "A {kind} for agent {agent} came to this one" },
  REMOTE_EXPIRED: { template: "A {kind} is good until {expires} only, and it is later than that" },
  CONFIG_OLDER: {
    template:
      "The cloud has configuration {version}, and this agent runs with version {running}, which is newer: set it in the cloud again",
  },
  CONFIG_INVALID: { template: "Configuration {version} cannot be used: {list}" },
  CONFIG_FILE_FOREIGN: {
    template: "{path} is neither beside agent.yaml nor named in it: from afar no other file of this device can be used",
  },
  CONFIG_NOT_STARTED: { template: "Configuration {version} could not be started and was taken back: {reason}" },
  CONFIG_READERS_LOST: {
    template:
      "Configuration {version} was taken back: {readers} worked before, and did not within {seconds} s under it ({reason})",
  },
  CONFIG_CRASHED: {
    template: "Configuration {version} was taken back: the agent or the device went down while it was tried",
  },
  CONFIG_NOT_STORED: { template: "Configuration {version} cannot be stored, and is not applied: {reason}" },
  CONFIG_STORED_UNUSABLE: {
    template: "The configuration that the cloud had set cannot be used any more, agent.yaml holds: {reason}",
  },
  CONFIG_STORED_OLDER: {
    template:
      "agent.yaml (version {file}) is newer than what the cloud had set (version {version}) and holds from now on",
  },
  COMMAND_CLOCK_UNKNOWN: { template: "This device does not know the time yet: ask again in a minute" },
  COMMAND_TOO_MANY: { template: "{count} commands are waiting on this device: ask again later" },
  COMMAND_NO_READER: { template: "There is no reader {reader} in use on this device; there are: {known}" },
  COMMAND_NO_READ_POINT: { template: "There is no read point {readPoint} on this device" },
  COMMAND_BLIND: { template: "No inventory can be taken: {what} sees nothing now" },
});
