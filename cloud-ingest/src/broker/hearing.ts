import { AGENT_TOPICS, topicFilter } from "@storeward/contracts";
import type { Logger } from "@storeward/runtime";
import type { MqttClient } from "mqtt";

/**
 * What one connection to a broker hears. Changed by one request at a time, each after the answer to the one before: aedes works on all requests
 * of a connection at once, so that the end of a subscription takes away the same one asked for meanwhile, although it is granted. A process that
 * gives up its partitions and has them back in the same moment would be deaf for as long as it holds them.
 */
export class Hearing {
  readonly #client: MqttClient;
  readonly #log: Logger;
  #wanted: ReadonlySet<number> = new Set();
  #heard: ReadonlySet<number> = new Set();
  #asks = false;
  #isOver = false;

  /** For a client that has just connected, and hears nothing yet. */
  constructor(client: MqttClient, log: Logger) {
    this.#client = client;
    this.#log = log;
  }

  /** From now on, or as soon as what was asked for before is answered: the agents of these partitions, and no others. */
  hear(partitions: ReadonlySet<number>): void {
    this.#wanted = partitions;
    if (!this.#asks && !this.#isOver) this.#next();
  }

  /** The connection has ended: another has a hearing of its own. */
  end(): void {
    this.#isOver = true;
  }

  #next(): void {
    const [wanted, heard] = [this.#wanted, this.#heard];
    const over = [...heard].filter((partition) => !wanted.has(partition));
    const fresh = [...wanted].filter((partition) => !heard.has(partition));
    if (over.length > 0) this.#unsubscribe(over);
    else if (fresh.length > 0) this.#subscribe(fresh);
  }

  #unsubscribe(partitions: readonly number[]): void {
    this.#asks = true;
    this.#client.unsubscribe(filtersOf(partitions), () =>
      this.#answered([...this.#heard].filter((partition) => !partitions.includes(partition))),
    );
  }

  #subscribe(partitions: readonly number[]): void {
    this.#asks = true;
    this.#client.subscribe(filtersOf(partitions), { qos: 1 }, (error, granted) => {
      const refused = granted?.find(({ qos }) => qos > 2);
      // A connection that ended meanwhile subscribes anew with the next.
      if (error && this.#client.connected) this.#log.warn({ err: error }, "The broker takes no subscription");
      else if (refused !== undefined)
        this.#log.error({ topic: refused.topic }, "The broker lets the cloud not hear its agents");
      this.#answered([...this.#heard, ...partitions]);
    });
  }

  #answered(heard: readonly number[]): void {
    if (this.#isOver) return;
    this.#heard = new Set(heard);
    this.#asks = false;
    this.#next();
  }
}

function filtersOf(partitions: readonly number[]): string[] {
  return partitions.flatMap((partition) => AGENT_TOPICS.map((leaf) => topicFilter(leaf, partition)));
}
