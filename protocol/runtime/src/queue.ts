import { defineErrors } from "./errors.js";

const E = defineErrors({
  QUEUE_CLOSED: { template: "The queue is closed", status: 503, retryable: false },
});

export interface QueueOptions<T> {
  /** Most items held. */
  readonly max: number;
  /** Most bytes held, counted by `sizeOf`; no bound by bytes when absent. */
  readonly maxBytes?: number | undefined;
  readonly sizeOf?: ((item: T) => number) | undefined;
  readonly whenFull: "reject" | "drop-oldest";
}

interface Waiter<T> {
  resolve(item: T): void;
  reject(reason: unknown): void;
}

/** First in, first out, with a bound, a rule for when it is full, and gauges. */
export class BoundedQueue<T> {
  readonly #options: QueueOptions<T>;
  readonly #waiters = new Set<Waiter<T>>();
  #items: { item: T; bytes: number }[] = [];
  /** Items before this index are gone; the array is cut when half of it is. */
  #head = 0;
  #bytes = 0;
  #dropped = 0;
  #rejected = 0;
  #closed = false;

  constructor(options: QueueOptions<T>) {
    this.#options = options;
  }

  /** False when the item was not taken: the queue is closed, it is full under `reject`, or the item alone is over the bound. */
  offer(item: T): boolean {
    const bytes = this.#options.sizeOf?.(item) ?? 0;
    const maxBytes = this.#options.maxBytes ?? Number.POSITIVE_INFINITY;
    if (this.#closed || bytes > maxBytes || this.#options.max < 1) return this.#refuse();
    const [waiter] = this.#waiters;
    if (waiter !== undefined) {
      this.#waiters.delete(waiter);
      waiter.resolve(item);
      return true;
    }
    while (this.size >= this.#options.max || this.#bytes + bytes > maxBytes) {
      if (this.#options.whenFull === "reject") return this.#refuse();
      this.#shift();
      this.#dropped++;
    }
    this.#items.push({ item, bytes });
    this.#bytes += bytes;
    return true;
  }

  /** The oldest item, waiting for one; rejects with QUEUE_CLOSED once closed and empty, or with the signal's reason. */
  take(signal?: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const first = this.#shift();
    if (first !== undefined) return Promise.resolve(first.item);
    if (this.#closed) return Promise.reject(E.QUEUE_CLOSED());
    return new Promise<T>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal?.reason);
      };
      const done = (): void => signal?.removeEventListener("abort", onAbort);
      const waiter: Waiter<T> = {
        resolve: (item) => {
          done();
          resolve(item);
        },
        reject: (reason) => {
          done();
          reject(reason);
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** Up to `max` of the oldest items, without waiting. */
  drain(max: number): T[] {
    const taken: T[] = [];
    while (taken.length < max) {
      const first = this.#shift();
      if (first === undefined) break;
      taken.push(first.item);
    }
    return taken;
  }

  /** No more offers; who waits is told, what is held can still be taken. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiters) waiter.reject(E.QUEUE_CLOSED());
    this.#waiters.clear();
  }

  /** Items held now. */
  get size(): number {
    return this.#items.length - this.#head;
  }

  /** Bytes held now by `sizeOf`. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Items pushed out by newer ones since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Offers refused since the start. */
  get rejected(): number {
    return this.#rejected;
  }

  #refuse(): false {
    this.#rejected++;
    return false;
  }

  #shift(): { item: T; bytes: number } | undefined {
    const first = this.#items[this.#head];
    if (first === undefined) return undefined;
    this.#head++;
    this.#bytes -= first.bytes;
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return first;
  }
}
