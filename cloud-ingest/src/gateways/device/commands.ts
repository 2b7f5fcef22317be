import type { Command, CommandAnswer, CommandDocument, GatewayCommand } from "@storeward/contracts";
import { type Clock, isoMs, randomHex, systemClock } from "@storeward/runtime";
import { type AuditSource, audit } from "../../audit/index.js";
import type { Database, Sql, Transaction } from "../../database/index.js";
import { storable } from "../../intake/index.js";
import { E } from "./errors.js";
import type { DeviceLink, Signer } from "./signer.js";

export interface DeviceCommandsOptions {
  readonly db: Database;
  readonly signer: Signer;
  readonly link: () => DeviceLink;
  readonly clock?: Clock | undefined;
}

/** A command is for now: who was away does not do it an hour later. */
const GOOD_FOR_MS = 60_000;
const SHOWN = 50;
const KEPT = 200;

interface Row {
  id: string;
  agent: string;
  command: Command;
  issued_at: Date;
  issued_by: string;
  expires_at: Date;
  answered_at: Date | null;
  answer: CommandAnswer | null;
}

const COLUMNS = "id, agent, command, issued_at, issued_by, expires_at, answered_at, answer";

/** What devices are asked to do, and what they answered. */
export class DeviceCommands {
  readonly #options: DeviceCommandsOptions;
  readonly #clock: Clock;

  constructor(options: DeviceCommandsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Asks a device that is online. Errors: GATEWAY_UNKNOWN, GATEWAY_OFFLINE, BROKER_AWAY, CONFIG_KEY_MISSING. */
  async ask(agent: string, command: Command, source: AuditSource): Promise<GatewayCommand> {
    const { db, signer } = this.#options;
    const link = this.#options.link();
    signer.assertAble();
    const now = this.#clock.wall();
    const [issued, expires] = [now, now + GOOD_FOR_MS];
    const id = randomHex(16);
    const row = await db.transaction(async (tx) => {
      const [known] = await tx.query<{ state: string }>("SELECT state FROM gateway WHERE agent = $1 AND listed", [
        agent,
      ]);
      if (known === undefined) throw E.GATEWAY_UNKNOWN({ agent });
      if (known.state !== "online") throw E.GATEWAY_OFFLINE({ agent });
      if (!link.connected) throw E.BROKER_AWAY();
      const [made] = await tx.query<Row>(
        `INSERT INTO gateway_command (id, agent, command, issued_at, issued_by, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${COLUMNS}`,
        [id, agent, JSON.stringify(command), new Date(issued), source.actor, new Date(expires)],
      );
      await tx.query(
        `DELETE FROM gateway_command WHERE agent = $1 AND id NOT IN (
           SELECT id FROM gateway_command WHERE agent = $1 ORDER BY issued_at DESC LIMIT ${KEPT})`,
        [agent],
      );
      await audit(tx, { ...source, action: "gateway.commanded", subject: `gateway:${agent}`, detail: { id, command } });
      return made;
    });
    if (row === undefined) throw new RangeError("an inserted row is returned");
    const document: CommandDocument = { v: 1, agent, id, issued: isoMs(issued), expires: isoMs(expires), command };
    link.publish(agent, "command", signer.sign("command", document));
    return commandOf(row);
  }

  /** The latest first. */
  async list(sql: Sql, agent: string): Promise<GatewayCommand[]> {
    const rows = await sql.query<Row>(
      `SELECT ${COLUMNS} FROM gateway_command WHERE agent = $1 ORDER BY issued_at DESC, id LIMIT ${SHOWN}`,
      [agent],
    );
    return rows.map(commandOf);
  }
}

/** Notes answers of a device to what it was asked; to anything else it cannot answer. */
export async function noteAnswers(
  tx: Transaction,
  agent: string,
  answers: readonly CommandAnswer[],
  at: Date,
): Promise<void> {
  for (const answer of answers) {
    const { text, lines, ...rest } = answer;
    const kept = { ...rest, text: storable(text), ...(lines === undefined ? {} : { lines: lines.map(storable) }) };
    await tx.query(
      "UPDATE gateway_command SET answered_at = $3, answer = $4 WHERE id = $1 AND agent = $2 AND answered_at IS NULL",
      [answer.id, agent, at, JSON.stringify(kept)],
    );
  }
}

function commandOf({ id, agent, command, issued_at, issued_by, expires_at, answered_at, answer }: Row): GatewayCommand {
  return {
    id,
    agent,
    command,
    issuedAt: isoMs(issued_at.getTime()),
    issuedBy: issued_by,
    expiresAt: isoMs(expires_at.getTime()),
    answeredAt: answered_at === null ? null : isoMs(answered_at.getTime()),
    answer,
  };
}
