import pg from "pg";
import { E } from "./errors.js";
import type { Limits } from "./limits.js";
import { explained, tookTooLong } from "./pg-errors.js";

/** What of a client of `pg` is not among its types: its socket, and the server's process that serves it. */
interface Inside {
  readonly connection: { readonly stream: { destroy(error: Error): void } };
  readonly processID: number | null;
}

export interface WatchOptions {
  readonly limits: Limits;
  /** Told when it was given up, with what those who waited are told. */
  onSilent(error: Error): void;
  /** Told what those are told who have waited for too long for a statement, or for a lock. */
  onSlow(error: Error): void;
}

/** Ends a connection, or one that is being made, without a word to the server: whatever waits for it fails with this error. */
export function cut(client: pg.ClientBase, error: Error): void {
  (client as unknown as Inside).connection.stream.destroy(error);
}

/** Clients that are made to connect, each in `connecting` until it is connected or is not. */
export function clientsIn(connecting: Set<pg.ClientBase>): new () => pg.ClientBase {
  return class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super(config);
      connecting.add(this);
      this.once("connect", () => connecting.delete(this));
      this.once("end", () => connecting.delete(this));
    }
  };
}

/**
 * A connection that is given up when it is silent for too long although an answer is due: after it was asked something, and after an answer behind
 * which there are more. `pg` has a limit on queries of its own
 * (`query_timeout`), but leaves the connection in use, with a query on its way behind which the next one waits: the rollback, first of all. Here its
 * socket is closed: whatever waits for it fails at once, and nobody is given it again.
 */
export class WatchedConnection {
  readonly #client: pg.ClientBase;
  readonly #options: WatchOptions;
  /** Nobody works with it now. */
  isIdle = false;
  /** What is asked from now on may take long. */
  isLong = false;
  #timer: NodeJS.Timeout | undefined;
  /** How many answers are due. */
  #due = 0;

  constructor(client: pg.ClientBase, options: WatchOptions) {
    this.#client = client;
    this.#options = options;
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    const watched = (...args: unknown[]): Promise<unknown> => {
      if (this.#due++ === 0) this.#watch();
      return query(...args)
        .catch((error: unknown) => {
          throw this.#explained(error);
        })
        .finally(() => {
          this.#due--;
          this.#watch();
        });
    };
    client.query = watched as typeof client.query;
    client.on("end", () => clearTimeout(this.#timer));
  }

  /** The server's process at its other end. */
  get pid(): number | undefined {
    return (this.#client as unknown as Inside).processID ?? undefined;
  }

  cut(error: Error): void {
    clearTimeout(this.#timer);
    cut(this.#client, error);
  }

  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#due === 0) return;
    const { limits, onSilent } = this.#options;
    const { silentMs, longMs } = limits;
    const ms = this.isLong ? longMs : silentMs;
    this.#timer = setTimeout(() => {
      const error = E.DATABASE_SILENT({ seconds: ms / 1000 });
      this.cut(error);
      onSilent(error);
    }, ms);
  }

  #explained(error: unknown): unknown {
    const said = explained(error, this.#options.limits);
    if (said instanceof Error && tookTooLong(said)) this.#options.onSlow(said);
    return said;
  }
}
