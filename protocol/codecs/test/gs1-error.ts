import { Gs1Error } from "../src/gs1/index.js";

/** Code and position of the Gs1Error that an action throws. */
export function gs1ErrorOf(action: () => unknown): [code: string, position: number] {
  try {
    action();
  } catch (error) {
    if (error instanceof Gs1Error) return [error.code, error.position];
    throw error;
  }
  throw new Error("no error");
}
