import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  SOURCE_UNKNOWN: {
    template:
      "No source {source} is registered: POST /api/v1/sources gives an id, which the envelope names as its agent",
    status: 404,
  },
  SOURCE_NOT_NAMED: {
    template: "The first line is not an envelope that names a source: see docs/delivery.md, By the API",
    status: 400,
  },
  JOURNAL_BUSY: {
    template: "Other journals are being taken in: send the same again in a moment",
    status: 503,
    retryable: true,
  },
  REFUSED_ACT_GONE: {
    template: "Nothing is to be decided there: no such act was refused, or it is decided",
    status: 404,
  },
});
