import type { NewUser, Session, SignIn, User, UserAccount, UserChange } from "@storeward/contracts";
import { type Clock, systemClock } from "@storeward/runtime";
import { uuidv7 } from "uuidv7";
import { type AuditSource, audit, SYSTEM } from "../audit/index.js";
import { codeOf, type Database, type Sql, type Transaction } from "../database/index.js";
import type { Authenticator } from "../http/index.js";
import { Attempts } from "./attempts.js";
import { E } from "./errors.js";
import { Passwords } from "./passwords.js";
import { Sessions } from "./sessions.js";

const MINUTE_MS = 60_000;
const UNIQUE_VIOLATION = "23505";

interface UserRow extends User {
  readonly passwordHash: string;
  readonly fileHash: string | null;
  readonly disabled: boolean;
}
const USER_COLUMNS = `id, username, role, password_hash as "passwordHash", file_hash as "fileHash", disabled`;

/** Users and their sessions. Everything that changes them is audited in the same transaction. */
export class Access implements Authenticator {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #sessions: Sessions;
  readonly #passwords = new Passwords();
  readonly #byUser: Attempts;
  readonly #byAddress: Attempts;

  constructor({ db, clock = systemClock }: { readonly db: Database; readonly clock?: Clock | undefined }) {
    this.#db = db;
    this.#clock = clock;
    this.#sessions = new Sessions(db, clock);
    this.#byUser = new Attempts(clock, { max: 10, windowMs: MINUTE_MS });
    this.#byAddress = new Attempts(clock, { max: 100, windowMs: MINUTE_MS });
  }

  authenticate(token: string): Promise<User | undefined> {
    return this.#sessions.userOf(token);
  }

  /**
   * Errors: SIGN_IN_REFUSED, after the same time whether or not there is such a user; SIGN_IN_TOO_OFTEN after 10 failures a minute for
   * a user from one address, or 100 from one address.
   */
  async signIn({ username, password }: SignIn, source: AuditSource): Promise<Session> {
    const address = source.ip ?? "";
    const keys = [
      [this.#byUser, `${address} ${username.toLowerCase()}`],
      [this.#byAddress, address],
    ] as const;
    for (const [attempts, key] of keys) {
      const waitMs = attempts.take(key);
      if (waitMs !== undefined) throw E.SIGN_IN_TOO_OFTEN({ retryAfter: Math.ceil(waitMs / 1000) });
    }
    const found = await this.#byName(this.#db, username);
    const matches = await this.#passwords.verify(found?.passwordHash, password);
    if (!matches || found === undefined || found.disabled) {
      await audit(this.#db, {
        ...source,
        action: "session.refused",
        subject: `user:${found?.id ?? ""}`,
        detail: { username },
      });
      throw E.SIGN_IN_REFUSED();
    }
    for (const [attempts, key] of keys) attempts.forgive(key);
    const { id, role } = found;
    return this.#db.transaction(async (tx) => {
      const token = await this.#sessions.open(tx, id);
      await tx.query("update app_user set signed_in_at = $2 where id = $1", [id, this.#now()]);
      await audit(tx, { ...source, actor: found.username, action: "session.opened", subject: `user:${id}` });
      return { token, user: { id, username: found.username, role } };
    });
  }

  async signOut(token: string, user: User, source: AuditSource): Promise<void> {
    await this.#db.transaction(async (tx) => {
      await this.#sessions.close(tx, token);
      await audit(tx, { ...source, action: "session.closed", subject: `user:${user.id}` });
    });
  }

  /**
   * Sees to it that this administrator can sign in with the password of the file: made when missing, and changed (enabled again, and
   * administrator again) when the file's password is another than it was the last time. A password changed since then by hand stays.
   */
  async ensureAdministrator({ username, password }: SignIn): Promise<void> {
    const found = await this.#byName(this.#db, username);
    if (found?.fileHash != null && (await this.#passwords.verify(found.fileHash, password))) return;
    const passwordHash = await this.#passwords.hash(password);
    await this.#db.transaction(async (tx) => {
      const id = found?.id ?? uuidv7();
      await tx.query(
        `insert into app_user (id, username, role, password_hash, file_hash, created_at)
         values ($1, $2, 'administrator', $3, $3, $4)
         on conflict (lower(username)) do update
           set role = 'administrator', password_hash = $3, file_hash = $3, disabled = false`,
        [id, username, passwordHash, this.#now()],
      );
      await this.#sessions.closeAllOf(tx, id);
      const action = found === undefined ? "user.created" : "user.changed";
      await audit(tx, { ...SYSTEM, action, subject: `user:${id}`, detail: { username, by: "password file" } });
    });
  }

  async users(): Promise<UserAccount[]> {
    const rows = await this.#db.query<AccountRow>(`select ${ACCOUNT_COLUMNS} from app_user order by lower(username)`);
    return rows.map(accountOf);
  }

  /** USERNAME_TAKEN, whatever the case. */
  async create({ username, password, role }: NewUser, source: AuditSource): Promise<UserAccount> {
    const passwordHash = await this.#passwords.hash(password);
    const id = uuidv7();
    try {
      return await this.#db.transaction(async (tx) => {
        await tx.query(
          "insert into app_user (id, username, role, password_hash, created_at) values ($1, $2, $3, $4, $5)",
          [id, username, role, passwordHash, this.#now()],
        );
        await audit(tx, { ...source, action: "user.created", subject: `user:${id}`, detail: { username, role } });
        return accountOf(await accountById(tx, id));
      });
    } catch (cause) {
      if (codeOf(cause) === UNIQUE_VIOLATION) throw E.USERNAME_TAKEN({ username }, { cause });
      throw cause;
    }
  }

  /** USER_NOT_FOUND; LAST_ADMINISTRATOR when nobody could administer any more. */
  async change(id: string, change: UserChange, source: AuditSource): Promise<UserAccount> {
    const passwordHash = change.password === undefined ? null : await this.#passwords.hash(change.password);
    return this.#db.transaction(async (tx) => {
      // Whoever changes users waits here, so that two administrators cannot demote each other.
      await tx.query("select pg_advisory_xact_lock(hashtext('access.users'))");
      const before = await accountById(tx, id);
      const role = change.role ?? before.role;
      const disabled = change.disabled ?? before.disabled;
      await tx.query(
        "update app_user set role = $2, disabled = $3, password_hash = coalesce($4, password_hash) where id = $1",
        [id, role, disabled, passwordHash],
      );
      const [left] = await tx.query("select from app_user where role = 'administrator' and not disabled limit 1");
      if (left === undefined) throw E.LAST_ADMINISTRATOR({ username: before.username });
      if (disabled || passwordHash !== null) await this.#sessions.closeAllOf(tx, id);
      const { password, ...told } = change;
      const detail = password === undefined ? told : { ...told, password: "changed" };
      await audit(tx, {
        ...source,
        action: "user.changed",
        subject: `user:${id}`,
        detail: { username: before.username, ...detail },
      });
      return accountOf(await accountById(tx, id));
    });
  }

  async #byName(sql: Sql, username: string): Promise<UserRow | undefined> {
    const [row] = await sql.query<UserRow>(`select ${USER_COLUMNS} from app_user where lower(username) = lower($1)`, [
      username,
    ]);
    return row;
  }

  #now(): Date {
    return new Date(this.#clock.wall());
  }
}

interface AccountRow extends User {
  readonly disabled: boolean;
  readonly createdAt: Date;
  readonly signedInAt: Date | null;
}
const ACCOUNT_COLUMNS = `id, username, role, disabled, created_at as "createdAt", signed_in_at as "signedInAt"`;

async function accountById(tx: Transaction, id: string): Promise<AccountRow> {
  const [row] = await tx.query<AccountRow>(`select ${ACCOUNT_COLUMNS} from app_user where id = $1`, [id]);
  if (row === undefined) throw E.USER_NOT_FOUND();
  return row;
}

function accountOf(row: AccountRow): UserAccount {
  return { ...row, createdAt: row.createdAt.toISOString(), signedInAt: row.signedInAt?.toISOString() ?? null };
}
