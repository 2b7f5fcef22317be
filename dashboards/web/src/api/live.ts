import type { LiveEvent } from "@storeward/contracts";

export interface LiveOptions {
  readonly url: string;
  readonly onEvent: (event: LiveEvent) => void;
  readonly onOpen: () => void;
  readonly onDown: () => void;
  /** Too much was missed: everything is to be loaded anew. */
  readonly onReset: () => void;
  /** Asked before a new connection is made after the server refused one; it finds out whether the session has ended. */
  readonly mayRetry: () => Promise<boolean>;
}

/** How many events before now are asked for at the beginning, so that the feed does not begin empty. */
const BACKLOG = 400;
/** A position that no journal has reached: the server answers with `reset` and the newest one. */
const AHEAD = "999999999999999";
const TYPES = ["location", "passage", "gateway", "alert"] as const;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

export interface Live {
  start(): void;
  stop(): void;
}

/**
 * One EventSource. The browser connects again by itself and says Last-Event-ID; where it gives up, because the server
 * answered with something else than a stream, a new one is made after a jittered, growing pause. It begins a little before now.
 */
export function createLive({ url, onEvent, onOpen, onDown, onReset, mayRetry }: LiveOptions): Live {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = FIRST_RETRY_MS;
  let running = false;
  let lastId = "";
  /** Still to find out where the journal ends, to begin a little before. */
  let seeking = true;

  function connect() {
    // The browser says Last-Event-ID when it connects again by itself; a new one has to be told.
    const after = seeking ? AHEAD : lastId;
    const opened = new EventSource(after === "" ? url : `${url}?lastEventId=${encodeURIComponent(after)}`);
    source = opened;
    opened.onopen = () => {
      pause = FIRST_RETRY_MS;
      onOpen();
    };
    opened.onerror = () => {
      onDown();
      if (opened.readyState === EventSource.CLOSED) retryLater();
    };
    opened.addEventListener("reset", (message) => {
      lastId = message.lastEventId;
      if (!seeking) return onReset();
      seeking = false;
      const head = Number(lastId);
      if (!Number.isSafeInteger(head)) return;
      lastId = String(Math.max(0, head - BACKLOG));
      opened.close();
      connect();
    });
    for (const type of TYPES)
      opened.addEventListener(type, (message) => {
        lastId = message.lastEventId;
        seeking = false;
        const data = parse(message.data);
        if (data !== undefined) onEvent({ type, data } as LiveEvent);
      });
  }

  function retryLater() {
    source?.close();
    clearTimeout(timer);
    if (!running) return;
    timer = setTimeout(retry, pause * (0.5 + Math.random() / 2));
    pause = Math.min(pause * 2, LAST_RETRY_MS);
  }

  async function retry() {
    const may = await mayRetry();
    if (!running) return;
    if (may) connect();
    else retryLater();
  }

  return {
    start: () => {
      if (running) return;
      running = true;
      lastId = "";
      seeking = true;
      pause = FIRST_RETRY_MS;
      connect();
    },
    stop: () => {
      running = false;
      clearTimeout(timer);
      source?.close();
      source = undefined;
    },
  };
}

/** One event that cannot be read must not end the stream. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
