import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { ConfigRefusal } from "@storeward/contracts";
import { validator } from "@storeward/runtime";

const isRefusal = validator(ConfigRefusal);

/**
 * The cloud's configuration in the data folder, as the signed messages they were. `trial` is there only while one is tried: found at a
 * start, it is one under which the agent went down.
 */
export class ConfigStore {
  readonly #folder: string;
  readonly #applied: string;
  readonly #trial: string;
  readonly #refused: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#applied = join(folder, "configuration.signed");
    this.#trial = join(folder, "configuration.trial");
    this.#refused = join(folder, "configuration.refused.json");
  }

  applied(): string | undefined {
    return textOf(this.#applied);
  }

  trial(): string | undefined {
    return textOf(this.#trial);
  }

  /** The last that did not work here: it is not tried again. */
  refused(): ConfigRefusal | undefined {
    try {
      const found = isRefusal(JSON.parse(textOf(this.#refused) ?? "null"));
      return found.ok ? found.value : undefined;
    } catch {
      return undefined;
    }
  }

  beginTrial(message: string): void {
    this.#write(this.#trial, message);
  }

  /** What was tried holds, also after a restart. */
  keepTrial(): void {
    renameSync(this.#trial, this.#applied);
    this.#remove(this.#refused);
  }

  /** What was tried is as if it had never come. */
  dropTrial(): void {
    this.#remove(this.#trial);
  }

  refuse(refusal: ConfigRefusal): void {
    this.#write(this.#refused, `${JSON.stringify(refusal)}\n`);
    this.#remove(this.#trial);
  }

  dropApplied(): void {
    this.#remove(this.#applied);
  }

  /** Whole or not at all, and on the disk. */
  #write(file: string, text: string): void {
    const passing = `${file}.new`;
    const handle = openSync(passing, "w", 0o600);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(passing, file);
    this.#sync();
  }

  #remove(file: string): void {
    rmSync(file, { force: true });
    this.#sync();
  }

  /** The names in the folder too. */
  #sync(): void {
    if (process.platform === "win32") return;
    const handle = openSync(this.#folder, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
