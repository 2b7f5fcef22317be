import { createHash, randomBytes } from "node:crypto";
import type { User } from "@storeward/contracts";
import type { Clock } from "@storeward/runtime";
import type { Sql } from "../database/index.js";

/** Unused for so long, a session ends. */
const IDLE_MS = 12 * 3_600_000;
/** However much it is used, a session ends so long after the sign-in. */
export const LONGEST_MS = 7 * 24 * 3_600_000;
/** The expiry is moved on at most this often: a page that polls must not write with every look. */
const TOUCH_MS = 60_000;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Sessions in the table `session`, known by the hash of their token. */
export class Sessions {
  readonly #sql: Sql;
  readonly #clock: Clock;

  constructor(sql: Sql, clock: Clock) {
    this.#sql = sql;
    this.#clock = clock;
  }

  /** A new session's token: 256 random bits, in base64url. Clears away what has ended. */
  async open(sql: Sql, userId: string): Promise<string> {
    const token = randomBytes(32).toString("base64url");
    const now = this.#clock.wall();
    await sql.query("delete from session where ends_at <= $1 or idle_until <= $1", [new Date(now)]);
    await sql.query(
      "insert into session (token_hash, app_user, created_at, idle_until, ends_at) values ($1, $2, $3, $4, $5)",
      [hashOf(token), userId, new Date(now), new Date(now + IDLE_MS), new Date(now + LONGEST_MS)],
    );
    return token;
  }

  /** Whose session it is, moving its expiry on. */
  async userOf(token: string): Promise<User | undefined> {
    if (!TOKEN.test(token)) return undefined;
    const now = this.#clock.wall();
    const [found] = await this.#sql.query<User & { idleUntil: Date }>(
      `select u.id, u.username, u.role, s.idle_until as "idleUntil" from session s join app_user u on u.id = s.app_user
       where s.token_hash = $1 and s.idle_until > $2 and s.ends_at > $2 and not u.disabled`,
      [hashOf(token), new Date(now)],
    );
    if (found === undefined) return undefined;
    const { idleUntil, ...user } = found;
    if (idleUntil.getTime() < now + IDLE_MS - TOUCH_MS)
      await this.#sql.query("update session set idle_until = $2 where token_hash = $1", [
        hashOf(token),
        new Date(now + IDLE_MS),
      ]);
    return user;
  }

  async close(sql: Sql, token: string): Promise<void> {
    await sql.query("delete from session where token_hash = $1", [hashOf(token)]);
  }

  async closeAllOf(sql: Sql, userId: string): Promise<void> {
    await sql.query("delete from session where app_user = $1", [userId]);
  }
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
