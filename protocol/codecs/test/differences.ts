import type { TestContext } from "vitest";

/** An input that shows where another package differs from the standard, as docs/conformance.md lists it. */
export interface Difference {
  /** Name and version. */
  readonly peer: string;
  /** What the standard says, or what the package does. */
  readonly rule: string;
  readonly input: string;
  readonly theirs: string;
  readonly ours: string;
}

declare module "vitest" {
  interface TaskMeta {
    difference?: Difference;
  }
}

/** Notes for docs/conformance.md what a test shows; it is listed if the test passes. */
export function shows({ task }: Pick<TestContext, "task">, difference: Difference): void {
  task.meta.difference = difference;
}

/** What an action gives, or the message of its error. */
export function outcomeOf<T>(action: () => T): T | string {
  try {
    return action();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
