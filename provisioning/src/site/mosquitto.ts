import { pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { AGENT_TOPICS, CLOUD_TOPICS, topicFilter, topicOf } from "@storeward/contracts";

/* The access rules for Mosquitto as outside broker: mosquitto.conf(5) `acl_file` and `password_file`. */

/** Mosquitto's own count. The passwords are 192 random bits: no number of rounds would protect them better. */
const ROUNDS = 101;

/** An agent writes its own topics and reads what the cloud says to it; the cloud the other way round, for every agent. */
export function aclFile(cloudUser: string, agents: readonly string[]): string {
  const blocks = [
    block(
      cloudUser,
      AGENT_TOPICS.map((leaf) => topicFilter(leaf)),
      CLOUD_TOPICS.map((leaf) => `rfid/v1/+/+/${leaf}`),
    ),
    ...agents.map((agent) =>
      block(
        agent,
        CLOUD_TOPICS.map((leaf) => topicOf(agent, leaf)),
        AGENT_TOPICS.map((leaf) => topicOf(agent, leaf)),
      ),
    ),
  ];
  return `# Written by storeward-provision. Nobody reaches anything that is not named here.\n\n${blocks.join("\n")}`;
}

function block(user: string, read: readonly string[], write: readonly string[]): string {
  const lines = [...read.map((topic) => `topic read ${topic}`), ...write.map((topic) => `topic write ${topic}`)];
  return [`user ${user}`, ...lines, ""].join("\n");
}

/** `$7$rounds$salt$hash`: PBKDF2 with SHA-512. A hash of the same password is kept, so that the file stays the same. */
export function passwordHash(password: string, kept: string | undefined): string {
  if (kept !== undefined && matches(password, kept)) return kept;
  const salt = randomBytes(12);
  return `$7$${ROUNDS}$${salt.toString("base64")}$${derive(password, salt, ROUNDS, 64).toString("base64")}`;
}

export function passwordFile(hashes: ReadonlyMap<string, string>): string {
  return [...hashes].map(([user, hash]) => `${user}:${hash}\n`).join("");
}

/** The hashes of a password file by user. */
export function parsePasswordFile(text: string): Map<string, string> {
  const lines = text.split("\n").filter((line) => line.includes(":"));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]));
}

function matches(password: string, kept: string): boolean {
  const [, rounds = "", salt = "", hash = ""] = /^\$7\$(\d{1,6})\$([^$]+)\$([^$]+)$/.exec(kept) ?? [];
  const wanted = Buffer.from(hash, "base64");
  if (Number(rounds) < 1 || wanted.length === 0) return false;
  return timingSafeEqual(wanted, derive(password, Buffer.from(salt, "base64"), Number(rounds), wanted.length));
}

function derive(password: string, salt: Buffer, rounds: number, bytes: number): Buffer {
  return pbkdf2Sync(password, salt, rounds, bytes, "sha512");
}
