import type { Instant, Lost, Origin } from "@storeward/contracts";
import { nextChain } from "@storeward/runtime";
import { originOf } from "./origins.js";
import type { Piece } from "./sequence.js";
import { type Understood, understand } from "./understand.js";

/** A piece of an agent's sequence, as it came. */
export interface Submission {
  readonly agent: string;
  readonly piece: Piece;
  /** What the agent had looked at when it sent this. */
  readonly through?: Instant | undefined;
  /** Reads the piece, the first time it is asked. */
  content(): Content;
}

/** What is in a piece. */
export interface Content {
  readonly rows: readonly ReadRow[];
  readonly lost: readonly Lost[];
  /** At the last row, over the bytes received. */
  readonly chain: string;
  /** Whether any row stood elsewhere first. */
  readonly hasCopies: boolean;
}

export interface ReadRow {
  readonly seq: number;
  readonly chain: string;
  readonly body: Buffer;
  readonly understood: Understood;
  /** Where it stood first, of a copy. */
  readonly origin: Origin | undefined;
}

interface Came {
  readonly through?: Instant | undefined;
  /** Every row goes to quarantine unread. */
  readonly opaque?: boolean;
}

/**
 * A piece is read once, and only when it is to be appended: its chain and what its rows say are most of what intake does, and what comes twice
 * is known by its numbers.
 */
export function submissionOf(agent: string, piece: Piece, { through, opaque = false }: Came = {}): Submission {
  let content: Content | undefined;
  return {
    agent,
    piece,
    through,
    content: () => {
      content ??= read(agent, piece, opaque);
      return content;
    },
  };
}

function read(agent: string, { prev, entries }: Piece, opaque: boolean): Content {
  const rows: ReadRow[] = [];
  const lost: Lost[] = [];
  let chain = prev;
  let hasCopies = false;
  for (const entry of entries) {
    if (entry.kind === "lost") {
      lost.push(entry.lost);
      chain = entry.lost.chain;
      continue;
    }
    const { seq, body } = entry;
    chain = nextChain(chain, seq, body);
    const understood = opaque ? UNREAD : understand(agent, body);
    const origin = understood.ok ? understood.observation.origin : originOf(body);
    hasCopies ||= origin !== undefined;
    rows.push({ seq, chain, body, understood, origin });
  }
  return { rows, lost, chain, hasCopies };
}

const UNREAD: Understood = { ok: false, error: "sent as opaque" };
