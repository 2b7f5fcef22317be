export { Alerting } from "./alerting.js";
export { migrations } from "./migrations.js";
export type { MailSettings } from "./telling/mail.js";
