import { hash, verify } from "@node-rs/argon2";
import { E } from "./errors.js";

/** Argon2id with the least that OWASP recommends: 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const AT_ONCE = 3;
const WAITING = 50;

/** Hashes and checks passwords, a few at a time: each takes 19 MiB and a thread that files and look-ups need too. */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #nobodys: Promise<string> | undefined;

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, PARAMETERS));
  }

  /** False for no hash, after the time that a check takes: who asks cannot tell whether there is such a user. */
  async verify(stored: string | undefined, password: string): Promise<boolean> {
    this.#nobodys ??= this.hash("nobody's password");
    const against = stored ?? (await this.#nobodys);
    const matches = await this.#inTurn(() => verify(against, password));
    return matches && stored !== undefined;
  }

  /** SIGN_IN_BUSY when too many wait. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= WAITING) throw E.SIGN_IN_BUSY();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
