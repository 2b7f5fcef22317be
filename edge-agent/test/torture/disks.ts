import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Debian keeps these out of the path of ordinary users. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 }).trim();

const MIB = 1024 * 1024;
const COPIES_AT_MOST = 100;

/** An ext4 file system on a loop device over a file: a disk whose state at a power loss can be looked at. */
export class LoopDisk {
  readonly mount: string;
  readonly #image: string;
  readonly #device: string;
  #isMounted = false;

  /** `image`: the file, made by `make` or `snapshot`. */
  constructor(image: string) {
    this.#image = image;
    this.mount = `${image}.mount`;
    mkdirSync(this.mount);
    // What the file system has sent to the device is then in the file, and nowhere else.
    this.#device = run("losetup", "--direct-io=on", "--find", "--show", image);
    try {
      run("mount", "-o", "noatime", this.#device, this.mount);
      this.#isMounted = true;
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  static make(image: string, mib: number): LoopDisk {
    closeSync(openSync(image, "w"));
    truncateSync(image, mib * MIB);
    run("mkfs.ext4", "-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0", image);
    return new LoopDisk(image);
  }

  /**
   * What the disk would hold if the power went now, as an image of its own. `dd` reads the file without the page cache, twice, until both are
   * the same: a state that the disk was in at one moment, and no mixture of an earlier beginning and a later end. Nobody may be writing
   * meanwhile but the kernel, who soon has no more to write.
   */
  snapshot(image: string): void {
    const again = `${image}.again`;
    const copy = (to: string) => run("dd", `if=${this.#image}`, `of=${to}`, "bs=1M", "iflag=direct", "status=none");
    try {
      copy(image);
      for (let tries = 0; tries < COPIES_AT_MOST; tries++) {
        copy(again);
        if (readFileSync(image).equals(readFileSync(again))) return;
        copy(image);
      }
      throw new Error("the disk never stood still");
    } finally {
      rmSync(again, { force: true });
    }
  }

  /** Also after a failure, as far as it came. */
  remove(): void {
    if (this.#isMounted) run("umount", this.mount);
    this.#isMounted = false;
    run("losetup", "--detach", this.#device);
    rmSync(this.mount, { recursive: true });
    rmSync(this.#image);
  }
}

/** A small file system in memory, that can be filled without harm to others. */
export class SmallDisk {
  readonly mount: string;
  readonly #filler: string;

  constructor(mount: string, mib: number) {
    this.mount = mount;
    this.#filler = join(mount, "filler");
    mkdirSync(mount);
    run("mount", "-t", "tmpfs", "-o", `size=${mib}m`, "tmpfs", mount);
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

  remove(): void {
    run("umount", this.mount);
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

/** Only root may mount, and not in every container. */
export const canMount = attempt((dir) => new SmallDisk(join(dir, "disk"), 1));
export const canLoop = canMount && attempt((dir) => LoopDisk.make(join(dir, "image"), 8));

function attempt(make: (dir: string) => { remove(): void }): boolean {
  const dir = mkdtempSync(join(tmpdir(), "storeward-disk-"));
  try {
    make(dir).remove();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
