import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { KeyPath } from "./config-schema.js";

/** Where something stands in the file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Problem {
  readonly at: Position | undefined;
  readonly text: string;
}

/** A YAML file with the places of its keys. */
export class ConfigSource {
  readonly #doc: Document;
  readonly #lines = new LineCounter();

  constructor(text: string) {
    this.#doc = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      uniqueKeys: true,
      logLevel: "error",
    });
  }

  /** What YAML itself objects to: syntax, a key written twice, an unknown tag. */
  syntaxProblems(): Problem[] {
    return [...this.#doc.errors, ...this.#doc.warnings].map((error) => ({
      at: this.#position(error.pos[0]),
      text: error.message,
    }));
  }

  /** The content as plain values; undefined for an empty file. Throws on an alias bomb. */
  value(): unknown {
    return this.#doc.toJS({ maxAliasCount: 100 }) ?? undefined;
  }

  /** The place of a value, or of its key with `"key"`; where it is missing, of the nearest mapping around it. */
  positionOf(path: KeyPath, part: "key" | "value"): Position | undefined {
    let node = this.#resolve(this.#doc.contents);
    let found = start(node);
    for (const [index, segment] of path.entries()) {
      const pair = isMap(node)
        ? node.items.find(({ key }) => (isScalar(key) ? String(key.value) : undefined) === String(segment))
        : undefined;
      const next = isSeq(node) ? node.items[Number(segment)] : pair?.value;
      if (next === undefined && pair === undefined) break;
      const last = index === path.length - 1;
      const atKey = start(pair?.key);
      found = last && part === "key" ? (atKey ?? found) : (start(next) ?? atKey ?? found);
      node = this.#resolve(next);
    }
    return found === undefined ? undefined : this.#position(found);
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#doc) : node;
  }

  #position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }
}

function start(node: unknown): number | undefined {
  return (node as Partial<Node> | null | undefined)?.range?.[0];
}
