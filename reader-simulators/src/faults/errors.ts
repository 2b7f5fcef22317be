import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  PROXY_PORT_LOST: {
    template:
      "The proxy was down as told, and port {port} is now in use by another program: stop that, and start the proxy again",
    status: 500,
    retryable: false,
  },
});
