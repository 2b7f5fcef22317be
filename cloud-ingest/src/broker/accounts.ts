import { createHmac, randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { verify } from "@node-rs/argon2";
import { BrokerAccounts } from "@storeward/contracts";
import { defineErrors, loadConfig } from "@storeward/runtime";

const E = defineErrors({
  BROKER_BUSY: { template: "Too many sign-ins at the broker at once", status: 503, retryable: true },
});

export interface Account {
  readonly username: string;
  readonly role: "agent" | "cloud";
}

type Stored = BrokerAccounts["accounts"][number];

/** Verifications that wait; each takes some 20 ms and as many MB by design. */
const MAX_WAITING = 500;

/** The broker's accounts. The file is read again when it changes. */
export class Accounts {
  readonly #file: string;
  /** Key of the fingerprints of passwords that were right: a reconnect costs no argon2, and memory holds no password. */
  readonly #key = randomBytes(32);
  readonly #right = new Map<string, string>();
  #accounts = new Map<string, Stored>();
  #mtime = -1;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  /** Reads the file; throws what is wrong with it. */
  load(): void {
    const mtime = statSync(this.#file).mtimeMs;
    if (mtime === this.#mtime) return;
    const { accounts } = loadConfig(BrokerAccounts, this.#file);
    this.#accounts = new Map(accounts.map((account) => [account.username, account]));
    this.#mtime = mtime;
  }

  /** Usernames of the agents that have an account. */
  agents(): string[] {
    return [...this.#accounts.values()].filter(({ role }) => role === "agent").map(({ username }) => username);
  }

  /** The account, when the password is right. BROKER_BUSY when too many are waiting to be told. */
  async signIn(username: string, password: Buffer): Promise<Account | undefined> {
    this.#reload();
    const account = this.#accounts.get(username);
    if (account === undefined) return undefined;
    const { role, passwordHash } = account;
    const fingerprint = createHmac("sha256", this.#key)
      .update(passwordHash)
      .update("\0")
      .update(password)
      .digest("hex");
    if (this.#right.get(username) === fingerprint) return { username, role };
    if (!(await this.#verify(passwordHash, password))) return undefined;
    this.#right.set(username, fingerprint);
    return { username, role };
  }

  /** One at a time: a flood of wrong passwords must not take the machine. */
  async #verify(hash: string, password: Buffer): Promise<boolean> {
    if (this.#waiting >= MAX_WAITING) throw E.BROKER_BUSY();
    this.#waiting++;
    const turn = this.#last.then(() => verify(hash, password)).catch(() => false);
    this.#last = turn;
    try {
      return await turn;
    } finally {
      this.#waiting--;
    }
  }

  #reload(): void {
    try {
      this.load();
    } catch {
      // A file that is being written: the accounts read before stay, and the next sign-in looks again.
    }
  }
}
