/** A message that waits for the cloud's answer. */
export interface Flight {
  readonly kind: "hello" | "rows" | "opaque" | "empty";
  readonly first: number;
  readonly last: number;
  /** The chain before `first`. */
  readonly prev: string;
  /** Rows of the batch that are not `lost`. */
  readonly rows: number;
  readonly bytes: number;
  readonly sentAt: number;
  /** First 8 bytes of SHA-256 of the payload: how a `reject` names it. */
  readonly hash: string;
}

/**
 * What is on its way. Answers come one a message and in its order, unless some are lost: `answer` says which message an ack without
 * progress must be the answer to, and forgets what was sent before a go-back, so that one lost batch makes the agent go back once.
 */
export class Flights {
  /** Messages whose answer is still to come, oldest first. */
  #due: Flight[] = [];
  /** Of rows and opaque rows that the cloud has not committed. */
  #open: Flight[] = [];
  /** Answers still to come to messages from before the last go-back. */
  #stale = 0;
  /** Messages that were given up for want of an answer, which may be late and not lost: when the first was sent, and their last row. */
  #givenUp: { readonly since: number; readonly last: number } | undefined;

  get outstandingBytes(): number {
    return this.#open.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Batches with rows that are not committed yet. */
  get open(): number {
    return this.#open.length;
  }

  /** Not before this moment was the message sent that an answer can be to now; undefined where it could be to one of several. */
  get answerSentAt(): number | undefined {
    const [flight] = this.#due;
    if (flight === undefined || this.#due.length > 1 || this.#stale > 0) return undefined;
    return Math.min(flight.sentAt, this.#givenUp?.since ?? flight.sentAt);
  }

  sent(flight: Flight): void {
    this.#due.push(flight);
    if (flight.kind === "rows" || flight.kind === "opaque") this.#open.push(flight);
  }

  /** Everything up to `committed` has arrived. */
  progress(committed: number): void {
    this.#stale = 0;
    this.#open = this.#open.filter(({ last }) => last > committed);
    const answered = this.#due.findLastIndex(({ kind, last }) => kind !== "empty" && last <= committed);
    this.#due = this.#due.slice(answered + 1);
    // Messages are answered in order: with a row that was first sent after them, those given up are answered or lost.
    if (answered >= 0 && this.#givenUp !== undefined && committed > this.#givenUp.last) this.#givenUp = undefined;
  }

  /** An ack without progress: the message it answers, or undefined where that was sent before the last go-back. */
  answer(): Flight | undefined {
    if (this.#stale === 0) return this.#due.shift();
    this.#stale--;
    return undefined;
  }

  /** The only message on its way, where it has the rows that follow `committed`. */
  onlyBehind(committed: number): Flight | undefined {
    const [flight, ...more] = this.#due;
    if (flight?.kind !== "rows" || more.length > 0 || this.#stale > 0) return undefined;
    return flight.first === committed + 1 ? flight : undefined;
  }

  find(hash: string): Flight | undefined {
    return this.#due.find((flight) => flight.hash === hash);
  }

  /** `flight` was refused: it and what followed it must be sent in another way. */
  refused(flight: Flight): void {
    const at = this.#due.indexOf(flight);
    this.#stale += at < 0 ? 0 : this.#due.length - at - 1;
    this.#due = [];
    this.#open = this.#open.filter(({ last }) => last < flight.first);
  }

  /** Sends will begin again behind what is committed. `silent`: no answer came, so none is expected any more. */
  goBack(silent: boolean): void {
    if (silent) this.#giveUp();
    this.#stale = silent ? 0 : this.#stale + this.#due.length;
    this.#due = [];
    this.#open = [];
  }

  /** Another connection: what was sent before is not answered on it. */
  clear(): void {
    this.goBack(true);
    this.#givenUp = undefined;
  }

  #giveUp(): void {
    const [first] = this.#due;
    if (first === undefined) return;
    const { since, last } = this.#givenUp ?? { since: first.sentAt, last: 0 };
    this.#givenUp = { since, last: Math.max(last, ...this.#due.map((flight) => flight.last)) };
  }
}
