import { isDeepStrictEqual } from "node:util";
import { Document, isNode, isScalar, isSeq, type Node, parseDocument, visit } from "yaml";

type Path = readonly string[];

/**
 * A YAML file that is written more than once: what a person has changed or noted in it stays, except for the keys that
 * are ours. The text is the very same as before when nothing was to be changed.
 */
export class KeptYaml {
  readonly #doc: Document;
  readonly #before: string | undefined;
  #changed: boolean;

  /** @param before the file as it is, already known to be valid; undefined when there is none */
  constructor(before: string | undefined, comment: string) {
    this.#before = before;
    this.#changed = before === undefined;
    this.#doc = before === undefined ? new Document({}) : parseDocument(before);
    if (before === undefined) this.#doc.commentBefore = comment;
  }

  get changed(): boolean {
    return this.#changed;
  }

  get(path: Path): unknown {
    const node: unknown = this.#doc.getIn(path, true);
    return isNode(node) ? node.toJS(this.#doc) : node;
  }

  /** Sets a key that is ours; undefined removes it. */
  own(path: Path, value: unknown): void {
    if (isDeepStrictEqual(this.get(path), value)) return;
    this.#changed = true;
    if (value === undefined) this.#doc.deleteIn(path);
    else this.#doc.setIn(path, this.#node(value));
  }

  /** Sets a key where the file says nothing about it. */
  preset(path: Path, value: unknown): void {
    if (this.get(path) === undefined) this.own(path, value);
  }

  toString(): string {
    return this.#changed || this.#before === undefined
      ? this.#doc.toString({ lineWidth: 0, flowCollectionPadding: false })
      : this.#before;
  }

  /** Lists of plain values on one line: `[1.5, 2]`. */
  #node(value: unknown): Node {
    const node = this.#doc.createNode(value, { aliasDuplicateObjects: false });
    visit(node, {
      Seq: (_, seq) => {
        if (isSeq(seq) && seq.items.every(isScalar)) seq.flow = true;
      },
    });
    return node;
  }
}
