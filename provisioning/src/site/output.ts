import { chmod, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { defineErrors, randomHex } from "@storeward/runtime";

const E = defineErrors({
  OUTPUT_UNWRITABLE: { template: "{path} cannot be written: {reason}", status: 500, retryable: false },
  OUTPUT_UNREADABLE: { template: "{path} cannot be read: {reason}", status: 500, retryable: false },
});

export interface Written {
  /** Relative to the folder. */
  readonly path: string;
  readonly note: string | undefined;
}

/** A folder of files that are written whole or not at all, and only where they differ from what is there. */
export class Output {
  readonly root: string;
  readonly written: Written[] = [];
  #kept = 0;

  constructor(root: string) {
    this.root = root;
  }

  /** Files that were as they should be. */
  get kept(): number {
    return this.#kept;
  }

  /** The text of a file; undefined when there is none. */
  async read(path: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.root, path), "utf8");
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") return undefined;
      throw E.OUTPUT_UNREADABLE({ path: join(this.root, path), reason: codeOf(cause) }, { cause });
    }
  }

  /** @param note says something about the file where it is told of */
  async write(path: string, text: string, { secret = false, note }: { secret?: boolean; note?: string } = {}) {
    const target = join(this.root, path);
    if ((await this.read(path)) === text && (!secret || (await isPrivate(target)))) {
      this.#kept++;
      return;
    }
    const passing = join(dirname(target), `.${randomHex(6)}.tmp`);
    try {
      await mkdir(dirname(target), { recursive: true, mode: 0o755 });
      const file = await open(passing, "wx", secret ? 0o600 : 0o644);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      // The umask may have taken more away than meant, from files that others must read.
      await chmod(passing, secret ? 0o600 : 0o644);
      await rename(passing, target);
    } catch (cause) {
      await rm(passing, { force: true }).catch(() => undefined);
      throw E.OUTPUT_UNWRITABLE({ path: target, reason: codeOf(cause) }, { cause });
    }
    this.written.push({ path, note });
  }
}

async function isPrivate(path: string): Promise<boolean> {
  return process.platform === "win32" || ((await stat(path)).mode & 0o077) === 0;
}

function codeOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  return REASONS[code] ?? code;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "this user may not",
  EPERM: "this user may not",
  ENOSPC: "the disk is full",
  EROFS: "the disk is read-only",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is no folder",
  EEXIST: "a part of the path is no folder",
};
