import type { StoredReceiver } from "../types.js";

/** What is to be delivered to one address. */
export interface Parcel {
  /** The same at every repetition, and of no other parcel. */
  readonly key: string;
  readonly receiver: string;
  readonly target: string;
  readonly body: string;
  /** What messages to this receiver are signed with. */
  readonly secret: string | null;
  /** How; null: the receiver was removed. */
  readonly by: StoredReceiver["by"] | null;
}

/** A way of delivering. Rejects where the receiver has not said that it has it. */
export interface Sender {
  send(parcel: Parcel, signal: AbortSignal): Promise<void>;
  close(): void;
}
