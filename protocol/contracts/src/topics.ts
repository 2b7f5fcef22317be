import { CODE_PATTERN, partitionOf } from "./identity.js";

/** What an agent publishes. */
export const AGENT_TOPICS = ["batch", "telemetry", "snapshot", "status", "reads"] as const;
/** What only the cloud publishes. */
export const CLOUD_TOPICS = ["ack", "config", "command"] as const;

export type AgentTopic = (typeof AGENT_TOPICS)[number];
export type CloudTopic = (typeof CLOUD_TOPICS)[number];

const ROOT = "rfid/v1";
const CODE = new RegExp(CODE_PATTERN);

/** `rfid/v1/{partition}/{agent}/{leaf}` */
export function topicOf(agent: string, leaf: AgentTopic | CloudTopic): string {
  return `${ROOT}/${partitionOf(agent)}/${agent}/${leaf}`;
}

/** What the cloud subscribes to for every agent, or for those of one partition. */
export function topicFilter(leaf: AgentTopic, partition?: number): string {
  return `${ROOT}/${partition ?? "+"}/+/${leaf}`;
}

/** The agent and leaf of a topic, or undefined where it is none of ours (a partition that is not the agent's own included). */
export function parseTopic(topic: string): { agent: string; leaf: AgentTopic | CloudTopic } | undefined {
  const parts = topic.split("/");
  const [, , partition, agent, leaf] = parts;
  if (parts.length !== 5 || agent === undefined || leaf === undefined || !CODE.test(agent)) return undefined;
  if (!topic.startsWith(`${ROOT}/`) || partition !== String(partitionOf(agent))) return undefined;
  const known = [...AGENT_TOPICS, ...CLOUD_TOPICS].find((name) => name === leaf);
  return known && { agent, leaf: known };
}
