export { Accounts } from "./accounts.js";
export { type BrokerOptions, EmbeddedBroker } from "./broker.js";
export { CloudLink, type CloudLinkOptions } from "./cloud-link.js";
