import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  ALERT_SETUP_INVALID: { template: "This cannot be set for alerts: {first}", status: 422 },
  ALERT_NOT_FOUND: { template: "No such alert", status: 404 },
  ALERT_CLOSED: { template: "This alert is closed: there is nothing to acknowledge", status: 409 },
  ALERT_DOCUMENT_NOT_FOUND: { template: "There is no {kind} {id}", status: 404 },
  ALERT_DOCUMENT_CHANGED: {
    template: "{by} has changed this {kind} since you read it, at {at}: read it anew before you change it",
    status: 412,
  },
  ALERT_DOCUMENT_REMOVED: { template: "Somebody has removed this {kind} since you read it", status: 412 },
  ALERT_DOCUMENT_EXISTS: { template: "There is a {kind} {id} already", status: 412 },
  ALERT_SETUP_CHANGED: { template: "The setup was changed since you read it: read it anew", status: 412 },
  ALERT_ID_DIFFERS: { template: "The address says {id}, and the content {other}", status: 422 },
  ALERT_MAIL_NOT_SET: { template: "No mail server is configured: set alerts.mail in cloud.yaml", retryable: true },
  ALERT_RECEIVER_GONE: { template: "The browser does not take messages any more" },
  ALERT_PUSH_SERVICE_UNKNOWN: { template: "The endpoint is of no push service that is known here", status: 422 },
  ALERT_TOO_MANY_BROWSERS: { template: "You have {most} browsers subscribed: end one of them first", status: 409 },
  ALERT_REFUSED: { template: "The receiver answered {status}", retryable: true },
});
