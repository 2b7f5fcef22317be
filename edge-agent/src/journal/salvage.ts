import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Clock, Logger } from "@storeward/runtime";
import { crashPoint, isoMs, isStorewardError } from "@storeward/runtime";
import { BALLAST_BYTES, Ballast, freeBytes } from "./ballast.js";
import { openDatabase } from "./database.js";
import { journalError } from "./errors.js";
import { HeadFile } from "./head-file.js";
import { type Salvaged, salvageInto } from "./salvage-rows.js";

interface SalvageOptions {
  readonly file: string;
  readonly config: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Opens by `open`. A journal that is found damaged is put aside under a name with the time and never deleted; what is readable is carried into a new one, which takes its place when it is whole. `….salvage` says that this is under way: after a crash it begins again
 * from the file that was put aside.
 */
export function salvaging<T>(options: SalvageOptions, open: () => T): T {
  const { file } = options;
  try {
    if (existsSync(markerOf(file))) salvage(options, "it was being salvaged when the agent stopped");
    return open();
  } catch (error) {
    if (!isStorewardError(error, "JOURNAL_CORRUPT") || existsSync(markerOf(file))) throw error;
    salvage(options, String(error.params.reason));
    return open();
  }
}

/** The new journal must be able to work when the old one has been carried into it. */
const ROOM_BYTES = 2 * BALLAST_BYTES;

const markerOf = (file: string) => `${file}.salvage`;

interface Marker {
  /** Name of the file put aside, in the same folder. */
  readonly aside: string;
  readonly reason: string;
}

function salvage(options: SalvageOptions, reason: string): void {
  const { file, clock, log } = options;
  const marker = readMarker(file) ?? { aside: nameAside(file, clock.wall()), reason };
  const aside = join(dirname(file), marker.aside);
  const next = `${file}.new`;
  try {
    writeFileSync(markerOf(file), JSON.stringify(marker), { flush: true, mode: 0o600 });
    syncFolder(file);
    // Once the new journal has taken its place, only the marker is still to go.
    if (!(existsSync(aside) && existsSync(file))) {
      // The file before its WAL: without the WAL it would look sound, and older.
      if (existsSync(file)) renameSync(file, aside);
      if (existsSync(`${file}-wal`)) renameSync(`${file}-wal`, `${aside}-wal`);
      syncFolder(file);
      for (const old of [next, `${next}-wal`]) rmSync(old, { force: true });
      log.error(
        { aside, reason: marker.reason },
        "the journal is damaged: it is put aside, and what is readable is carried into a new one",
      );
      const { rows, lost } = carry(options, aside, next, marker);
      crashPoint("before-taking-place");
      renameSync(next, file);
      syncFolder(file);
      crashPoint("after-taking-place");
      log.error({ aside, rows, lost }, "the journal was salvaged");
    }
    rmSync(markerOf(file), { force: true });
    syncFolder(file);
  } catch (cause) {
    throw journalError(cause, file);
  }
}

function carry(
  { file, config, clock, log }: SalvageOptions,
  aside: string,
  next: string,
  { reason }: Marker,
): Salvaged {
  // What it holds is for this: the journal takes it again when there is room.
  new Ballast(`${file}.ballast`).free();
  const db = openDatabase(next);
  try {
    const known = new HeadFile(file, log).read();
    const hasRoom = () => freeBytes(file) >= ROOM_BYTES;
    return salvageInto({ db, aside, reason, known, config, clock, log, hasRoom });
  } finally {
    db.close();
  }
}

function readMarker(file: string): Marker | undefined {
  try {
    const { aside, reason } = JSON.parse(readFileSync(markerOf(file), "utf8")) as Partial<Marker>;
    // A marker that was cut short was written before anything was moved.
    return typeof aside === "string" && typeof reason === "string" && basename(aside) === aside
      ? { aside, reason }
      : undefined;
  } catch {
    return undefined;
  }
}

function nameAside(file: string, wall: number): string {
  const at = isoMs(wall).replaceAll(/[-:.]/g, "");
  for (let n = 0; ; n++) {
    const name = `${basename(file)}.damaged-${at}${n === 0 ? "" : `-${n}`}`;
    if (!existsSync(join(dirname(file), name))) return name;
  }
}

/** That a file has another name is on the disk. */
function syncFolder(file: string): void {
  const folder = openSync(dirname(file), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
