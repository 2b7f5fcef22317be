import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** How often a process looks how wrong it is to be. */
const LOOK_MS = 50;

/** Runs first in each process. `Date` of that process is then as wrong as the file says; monotonic time and timers stay right. */
const preload = (file: string, program: string) => `
import { readFileSync } from "node:fs";
if ((process.argv[1] ?? "").includes(${JSON.stringify(program)})) {
  const RightDate = Date;
  const rightNow = Date.now;
  let offset = 0;
  const look = () => {
    offset = Number(readFileSync(${JSON.stringify(file)}, "utf8"));
  };
  look();
  setInterval(look, ${LOOK_MS}).unref();
  globalThis.Date = new Proxy(RightDate, {
    construct: (target, args, type) => Reflect.construct(target, args.length === 0 ? [rightNow() + offset] : args, type),
    apply: () => new Date().toString(),
  });
  RightDate.now = () => rightNow() + offset;
}
`;

/** The wall clock of another machine, for processes that are started with its environment: as wrong as it is told, and stepping. */
export class WrongClock {
  /** For the processes, beside their own. */
  readonly env: Readonly<Record<string, string>>;
  readonly #file: string;

  /** Keeps its files in `dir`. Of the processes with its environment, those are wrong whose script's path holds `program`. */
  constructor(dir: string, program: string, offsetMs: number) {
    this.#file = join(dir, "wall-offset");
    this.set(offsetMs);
    const script = join(dir, "wrong-clock.mjs");
    writeFileSync(script, preload(this.#file, program));
    this.env = { NODE_OPTIONS: `--import ${pathToFileURL(script).href}` };
  }

  /** From some milliseconds from now on they are so much ahead. */
  set(offsetMs: number): void {
    // Renamed into its place, so that nobody reads half a number.
    writeFileSync(`${this.#file}.new`, String(offsetMs));
    renameSync(`${this.#file}.new`, this.#file);
  }
}
