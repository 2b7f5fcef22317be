export { Agent, type AgentOptions } from "./agent.js";
export { type AgentSettings, loadAgentConfig } from "./config.js";
