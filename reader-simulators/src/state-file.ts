import { open, readFile, rename } from "node:fs/promises";
import { E } from "./hospital/errors.js";
import type { HospitalState } from "./hospital/state.js";

/** What a state file holds; undefined when there is none yet. STATE_INVALID for anything else. */
export async function loadState(file: string, seed: number): Promise<HospitalState | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw E.STATE_INVALID({ file, problem: "it cannot be read" }, { cause });
  }
  let state: Partial<HospitalState>;
  try {
    state = JSON.parse(text) as Partial<HospitalState>;
  } catch (cause) {
    throw E.STATE_INVALID({ file, problem: "it is not JSON" }, { cause });
  }
  if (state?.version !== 1 || !Array.isArray(state.things) || !Array.isArray(state.people)) {
    throw E.STATE_INVALID({ file, problem: "it is no state of this program" });
  }
  if (state.seed !== seed) {
    throw E.STATE_INVALID({ file, problem: `it is of the hospital with seed ${state.seed}, not ${seed}` });
  }
  return state as HospitalState;
}

/** Puts content in place at once and for good: a reader sees the old file or the new one, whole. */
export async function writeWhole(file: string, content: unknown): Promise<void> {
  const part = `${file}.part`;
  const handle = await open(part, "w", 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(content)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(part, file);
}
