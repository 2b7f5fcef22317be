import { execFile } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Debian keeps these out of the path of ordinary users. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
const execute = promisify(execFile);
const run = async (program: string, ...args: string[]) =>
  (await execute(program, args, { env, timeout: 60_000 })).stdout.trim();

const MIB = 1024 * 1024;
const COPIES_AT_MOST = 100;

/** An ext4 file system on a loop device over a file: a disk whose state at a power loss can be looked at. */
export class LoopDisk {
  readonly mount: string;
  readonly #image: string;
  readonly #device: string;
  #isMounted = false;

  private constructor(image: string, device: string) {
    this.#image = image;
    this.#device = device;
    this.mount = `${image}.mount`;
  }

  static async make(image: string, mib: number): Promise<LoopDisk> {
    closeSync(openSync(image, "w"));
    truncateSync(image, mib * MIB);
    await run("mkfs.ext4", "-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0", image);
    return LoopDisk.open(image);
  }

  /** A disk that was made or snapped. */
  static async open(image: string): Promise<LoopDisk> {
    // Direct: what the file system has sent to the device is then in the file, and nowhere else.
    const disk = new LoopDisk(image, await run("losetup", "--direct-io=on", "--find", "--show", image));
    try {
      mkdirSync(disk.mount);
      await run("mount", "-o", "noatime", disk.#device, disk.mount);
      disk.#isMounted = true;
      return disk;
    } catch (error) {
      await disk.remove();
      throw error;
    }
  }

  /**
   * What the disk would hold if the power went now, as an image of its own. `dd` reads the file without the page cache, twice, until both are
   * the same: a state that the disk was in at one moment, and no mixture of an earlier beginning and a later end. Nobody may be writing
   * meanwhile but the kernel, who soon has no more to write.
   */
  async snapshot(image: string): Promise<void> {
    const again = `${image}.again`;
    const copy = (to: string) => run("dd", `if=${this.#image}`, `of=${to}`, "bs=1M", "iflag=direct", "status=none");
    try {
      await copy(image);
      for (let tries = 0; tries < COPIES_AT_MOST; tries++) {
        await copy(again);
        if ((await readFile(image)).equals(await readFile(again))) return;
        await copy(image);
      }
      throw new Error("the disk never stood still");
    } finally {
      rmSync(again, { force: true });
    }
  }

  /** Also after a failure, as far as it came. */
  async remove(): Promise<void> {
    // Lazily: what a failed test has left open there must not keep the disk.
    if (this.#isMounted) await run("umount", "--lazy", this.mount);
    this.#isMounted = false;
    await run("losetup", "--detach", this.#device);
    rmSync(this.mount, { recursive: true, force: true });
    rmSync(this.#image);
  }
}

/** A small file system in memory, that can be filled without harm to others. */
export class SmallDisk {
  readonly mount: string;
  readonly #filler: string;

  private constructor(mount: string) {
    this.mount = mount;
    this.#filler = join(mount, "filler");
  }

  static async make(mount: string, mib: number): Promise<SmallDisk> {
    mkdirSync(mount);
    await run("mount", "-t", "tmpfs", "-o", `size=${mib}m`, "tmpfs", mount);
    return new SmallDisk(mount);
  }

  /** Takes every byte that is left. */
  fill(): void {
    const file = openSync(this.#filler, "a");
    try {
      for (const size of [64 * 1024, 4096]) this.#writeUntilFull(file, Buffer.alloc(size));
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#filler, { force: true });
  }

  async remove(): Promise<void> {
    await run("umount", "--lazy", this.mount);
    rmSync(this.mount, { recursive: true });
  }

  #writeUntilFull(file: number, bytes: Buffer): void {
    try {
      // A short write is a full disk too.
      while (writeSync(file, bytes) === bytes.length);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
}

/** Does the work on a disk and gives it back, however the work ends. */
export async function onDisk<D extends { remove(): Promise<void> }, T>(
  made: Promise<D>,
  work: (disk: D) => Promise<T>,
): Promise<T> {
  const disk = await made;
  try {
    return await work(disk);
  } finally {
    await disk.remove();
  }
}

/** Only root may mount, and not in every container. */
export const canMount = await succeeds((dir) => SmallDisk.make(join(dir, "disk"), 1));
export const canLoop = canMount && (await succeeds((dir) => LoopDisk.make(join(dir, "image"), 8)));

async function succeeds(make: (dir: string) => Promise<{ remove(): Promise<void> }>): Promise<boolean> {
  const dir = mkdtempSync(join(tmpdir(), "storeward-disk-"));
  try {
    return await onDisk(make(dir), async () => true);
  } catch {
    return false;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
