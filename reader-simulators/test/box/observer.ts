import type { GatewayList } from "@storeward/contracts";
import { type ApiClient, simulatedTruth } from "./api-client.js";
import { type Figures, Judgement, type Leeway } from "./judgement.js";

/** What has been heard is told so much later at most, on a busy machine too. */
const AFTER_MS = 6000;
/** So long the gateways may take until they have said everything up to the end. */
const HEARD_MS = 90_000;

export interface Watched extends Leeway {
  /** The gateways that are to be heard. */
  readonly agents: readonly string[];
}

/** Looks at what the API says and what is true, side by side. */
export class Observer {
  readonly #client: ApiClient;
  readonly #simulation: string;
  readonly #agents: readonly string[];
  readonly #judgement: Judgement;
  /** Of each live event as it came, whatever its type. */
  readonly positions: number[] = [];
  readonly #live = new AbortController();

  constructor(client: ApiClient, simulation: string, { agents, ...leeway }: Watched) {
    this.#client = client;
    this.#simulation = simulation;
    this.#agents = agents;
    this.#judgement = new Judgement(Date.now(), leeway);
  }

  /** Looks once a second for so long. An error where the live stream ends before it does. */
  async watch(forMs: number): Promise<void> {
    const live = this.#listen();
    // Told to whoever waits for it, at the end.
    live.catch(() => undefined);
    const end = Date.now() + forMs;
    while (Date.now() < end) {
      await this.#sample();
      await new Promise((next) => setTimeout(next, 1000));
    }
    const ended = Date.now();
    this.#judgement.end(ended);
    // What was taken since the last look has moved.
    await this.#sample();
    await this.#heardUpTo(ended);
    await new Promise((next) => setTimeout(next, AFTER_MS));
    this.#live.abort();
    await live;
  }

  async #listen(): Promise<void> {
    const { signal } = this.#live;
    try {
      await this.#client.live((event, id) => {
        this.positions.push(Number(id));
        if (event.type === "passage") this.#judgement.toldPassage(Date.now(), event.data);
        if (event.type === "location") this.#judgement.toldMove(Date.now(), event.data);
      }, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    // Of who hears nothing any more, nothing false is heard.
    if (!signal.aborted) throw new Error("the live stream has ended");
  }

  /** Waits until everything that the gateways observed before this moment, ms since 1970, is in the cloud. */
  async #heardUpTo(moment: number): Promise<void> {
    for (const end = Date.now() + HEARD_MS; Date.now() < end; await new Promise((next) => setTimeout(next, 250))) {
      const { gateways } = await this.#client.get<GatewayList>("/gateways");
      const heard = gateways.filter(({ through }) => through !== null && Date.parse(through) >= moment);
      if (this.#agents.every((agent) => heard.some((gateway) => gateway.agent === agent))) return;
    }
    throw new Error(`${this.#agents.join()} have not said everything`);
  }

  async #sample(): Promise<void> {
    const before = await simulatedTruth(this.#simulation);
    const items = await this.#client.itemsByEpc();
    this.#judgement.look(before, items, await simulatedTruth(this.#simulation));
  }

  /** What was wrong, each once with how often. */
  get mistakes(): string[] {
    return this.#judgement.mistakes;
  }

  async figures(): Promise<Figures> {
    const items = await this.#client.itemsByEpc();
    return this.#judgement.figures(items, await simulatedTruth(this.#simulation));
  }
}
