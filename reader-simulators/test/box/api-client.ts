import type { Item, ItemPage, LiveEvent, SimulatedTruth, Truth } from "@storeward/contracts";

/** The HTTP API as its users see it. */
export class ApiClient {
  readonly #url: string;
  #token = "";

  constructor(url: string) {
    this.#url = url;
  }

  async signIn(username: string, password: string): Promise<void> {
    const answer = await fetch(`${this.#url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username, password }),
    });
    if (!answer.ok) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
    this.#token = ((await answer.json()) as { token: string }).token;
  }

  async get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.#url}/api/v1${path}`, { headers: { authorization: `Bearer ${this.#token}` } });
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  put(path: string, body: unknown): Promise<void> {
    return this.#send("PUT", path, body);
  }

  post(path: string, body: unknown): Promise<void> {
    return this.#send("POST", path, body);
  }

  async #send(method: "PUT" | "POST", path: string, body: unknown): Promise<void> {
    const answer = await fetch(`${this.#url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }

  /** Every item, by its EPC. */
  async itemsByEpc(): Promise<Map<string, Item>> {
    const items = new Map<string, Item>();
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: ItemPage = await this.get(`/items?limit=500${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      for (const item of page.items) if (item.epc !== null) items.set(item.epc, item);
      cursor = page.next;
    }
    return items;
  }

  truth(): Promise<Truth> {
    return this.get("/simulation/truth");
  }

  /** Calls `onEvent` for each server-sent event until the signal aborts or the stream ends; resumes after the id given. */
  async live(
    onEvent: (event: LiveEvent, id: string) => void,
    signal: AbortSignal,
    lastEventId?: string,
  ): Promise<void> {
    const answer = await fetch(`${this.#url}/api/v1/live`, {
      headers: {
        authorization: `Bearer ${this.#token}`,
        accept: "text/event-stream",
        ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
      },
      signal,
    });
    if (!answer.ok || answer.body === null) throw new Error(`live: ${answer.status}`);
    let buffer = "";
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      buffer += chunk;
      const blocks = buffer.split("\n\n");
      buffer = blocks.pop() ?? "";
      for (const block of blocks) {
        const field = (name: string) =>
          block
            .split("\n")
            .find((line) => line.startsWith(`${name}: `))
            ?.slice(name.length + 2);
        const type = field("event");
        const data = field("data");
        if (type !== undefined && data !== undefined) {
          onEvent({ type, data: JSON.parse(data) } as LiveEvent, field("id") ?? "");
        }
      }
    }
  }
}

/** The simulator's own books, with the passages. */
export async function simulatedTruth(simulation: string): Promise<SimulatedTruth> {
  const answer = await fetch(`${simulation}/truth`);
  return (await answer.json()) as SimulatedTruth;
}
