export { Accounts } from "./accounts.js";
export { EmbeddedBroker } from "./broker.js";
export { CloudLink } from "./cloud-link.js";
