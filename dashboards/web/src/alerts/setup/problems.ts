import { ApiError } from "../../api/problem.js";

/** What the service found wrong with a document, by its field: "when.field", "escalate[1].after". */
export class Problems {
  readonly #found: readonly { readonly path: string; readonly message: string }[];

  constructor(error: unknown) {
    const errors = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
    this.#found = errors.map(({ where, message }) => ({
      path: where.replace(/^body\.?/, "").replace(/^(rules|receivers|windows)\[\d+\]\.?/, ""),
      message,
    }));
  }

  /** All, each with the field that it is about, without its place in a list; none where it is not a field that is wrong. */
  get all(): readonly { readonly field: string; readonly message: string }[] {
    return this.#found.map(({ path, message }) => ({ field: path.replace(/\[\d+\]/g, ""), message }));
  }

  /** Of a field, or of what is in it. */
  at(path: string): string | undefined {
    return this.#found.find((one) => one.path === path || one.path.startsWith(`${path}[`))?.message;
  }
}
