import { defineErrors } from "@storeward/runtime";

/** What can go wrong when somebody asks what a reader is. */
export const E = defineErrors({
  PROBE_TARGET: {
    template:
      "{target} names no reader: give a host, host:port, /dev/ttyUSB0, COM3, tcp://host:port, https://host or mqtts://broker/SERIAL",
    status: 400,
  },
  PROBE_PLAIN: {
    template: "Asking {host} goes over the network without TLS, readable for others: add --insecure if that is meant",
    status: 400,
  },
  PROBE_WRONG_LINE: { template: "The driver {driver} does not read over {line}: leave --driver out, or name another" },
  PROBE_TIMEOUT: { template: "no answer within {ms} ms", retryable: true },
  PROBE_FAILED: { template: "No reader was found at {target}:\n{reasons}", retryable: true },
});
