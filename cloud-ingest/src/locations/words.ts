import type { PlaceDirectory } from "../places/index.js";
import type { Basis } from "./fold/state.js";

/** Says in plain words what a whereabout rests on. */
export class Words {
  readonly #directory: PlaceDirectory;
  #zone: string | undefined;
  #time: Intl.DateTimeFormat | undefined;
  #day: Intl.DateTimeFormat | undefined;

  constructor(directory: PlaceDirectory) {
    this.#directory = directory;
  }

  basis(basis: Basis, now: number): string {
    const when = this.when(basis.at, now);
    const name = this.readPoint(basis.readPoint);
    switch (basis.kind) {
      case "present": {
        const rounds = basis.rounds ? `; read ${basis.reads ?? 0} of ${basis.rounds} rounds` : "";
        return `Seen by ${name} ${when}${rounds}`;
      }
      case "near":
        return `Read at ${name} ${when}`;
      case "gone":
        return `Last read by ${name} ${when}, then no more`;
      case "crossed":
        if (basis.direction === "unknown") return `Passed ${name} ${when}; which way is not known`;
        return `Went ${basis.direction === "in" ? "in" : "out"} through ${name} ${when}`;
    }
  }

  /** "Shelf A, board 2", or "the door of Store 1". */
  readPoint(code: string): string {
    const point = this.#directory.readPoint(code);
    if (point === undefined) return `read point ${code}`;
    if (point.role === "portal") return `the door of ${this.#name(point.insideId, 1) ?? code}`;
    return this.#name(point.placeId, 2) ?? code;
  }

  place(id: string): string {
    return this.#directory.byId(id)?.name ?? "a place that is no more";
  }

  /** "at 14:03:10", with the day where it is another one than now. Milliseconds since 1970. */
  when(at: number, now: number): string {
    const { timeZone } = this.#directory.site;
    if (timeZone !== this.#zone || this.#time === undefined || this.#day === undefined) {
      this.#zone = timeZone;
      this.#time = new Intl.DateTimeFormat("en-GB", { timeZone, timeStyle: "medium", hourCycle: "h23" });
      this.#day = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" });
    }
    const day = this.#day.format(at);
    const time = this.#time.format(at);
    return day === this.#day.format(now) ? `at ${time}` : `on ${day} at ${time}`;
  }

  #name(id: string, levels: number): string | undefined {
    return this.#directory.byId(id)?.path.split(" / ").slice(-levels).join(", ");
  }
}

/** "45 s", "12 min", "3 h", "2 days". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
