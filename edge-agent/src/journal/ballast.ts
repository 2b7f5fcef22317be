import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

export const BALLAST_BYTES = 1024 * 1024;

/** A file that holds space on the disk, given back when the disk is full so that the declaration of the gap fits. */
export class Ballast {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Bytes held now. */
  get bytes(): number {
    return existsSync(this.#file) ? statSync(this.#file).size : 0;
  }

  free(): void {
    rmSync(this.#file, { force: true });
  }

  /** Whether the disk has room for the ballast and several times as much; true where the system cannot tell. */
  hasRoom(): boolean {
    return freeBytes(this.#file) >= 4 * BALLAST_BYTES;
  }

  /** Takes the space again where there is plenty. */
  restore(): void {
    if (this.bytes >= BALLAST_BYTES || !this.hasRoom()) return;
    try {
      const file = openSync(this.#file, "w", 0o600);
      try {
        // Written and not only sized: a sparse file holds no space.
        writeSync(file, Buffer.alloc(BALLAST_BYTES, 0x53));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    } catch {
      this.free();
    }
  }
}

/** Bytes that are free on the disk of a file; more than any where the system cannot tell. */
export function freeBytes(file: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
