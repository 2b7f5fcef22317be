import { AGENT_TOPICS, type AgentTopic, CLOUD_TOPICS, PARTITIONS, parseTopic, topicFilter } from "@storeward/contracts";
import type { Account } from "./accounts.js";

const CLOUD_FILTERS: ReadonlySet<string> = new Set(
  [undefined, ...Array(PARTITIONS).keys()].flatMap((partition) =>
    AGENT_TOPICS.map((leaf) => topicFilter(leaf, partition)),
  ),
);
const isAgentTopic = (leaf: string): leaf is AgentTopic => AGENT_TOPICS.some((name) => name === leaf);

/** An agent publishes on its own topics; only the cloud publishes `ack`, `config` and `command`, and nothing else. */
export function mayPublish(account: Account, topic: string): boolean {
  const parsed = parseTopic(topic);
  if (parsed === undefined) return false;
  if (account.role === "cloud") return !isAgentTopic(parsed.leaf);
  return parsed.agent === account.username && isAgentTopic(parsed.leaf);
}

/** An agent hears what the cloud says to it; the cloud hears every agent, by the filters of `topicFilter`. */
export function maySubscribe(account: Account, filter: string): boolean {
  if (account.role === "cloud") return CLOUD_FILTERS.has(filter);
  const parsed = parseTopic(filter);
  return parsed?.agent === account.username && CLOUD_TOPICS.some((name) => name === parsed.leaf);
}

/** Only these are kept by the broker: anything else retained would fill its memory. */
export function mayRetain(topic: string): boolean {
  const leaf = parseTopic(topic)?.leaf;
  return leaf === "status" || leaf === "config";
}
