import type { JournalRow, RecordedObservation } from "../journal/index.js";
import type { PlaceDirectory, PlaceHistory } from "../places/index.js";
import type { AtShelf, Crossed, Fact, Near, Present, Spot, Zone } from "./fold/evidence.js";
import { TOMBSTONE_MS } from "./fold/state.js";
import { pointsOf } from "./fold/strength.js";

/** What one observation says of one tag: evidence for whatever item the tag is on. */
export interface Sighting {
  readonly tag: number;
  /** When it happened, by the observation's own times; milliseconds since 1970. */
  readonly at: number;
  readonly agent: string;
  readonly epoch: string;
  readonly seq: number;
  readonly type: RecordedObservation["type"];
  readonly readPoint: string;
  readonly observedAt: number;
  readonly fact: Fact;
}

type Strength = Observed<"seen">["strength"];
type Point<R> = Extract<ReturnType<PlaceDirectory["readPoint"]>, { role: R }>;
type Observed<T extends RecordedObservation["type"]> = Extract<RecordedObservation, { type: T }>;
type Body = Observed<"arrived" | "seen" | "departed" | "passed" | "inventoried">;

/** The zones of a site's read points at the moment of each row: for one batch of rows. */
export class DatedZones {
  readonly #places: PlaceHistory;
  readonly #met = new Map<PlaceDirectory, Zones>();

  constructor(places: PlaceHistory) {
    this.#places = places;
  }

  /** As they were when this was observed. */
  of({ observedAt }: Pick<JournalRow, "observedAt">): Zones {
    const directory = this.#places.at(observedAt.getTime());
    const zones = this.#met.get(directory) ?? new Zones(directory);
    this.#met.set(directory, zones);
    return zones;
  }
}

/** The same at one moment. */
export class Zones {
  readonly #directory: PlaceDirectory;
  readonly #watched: ReadonlySet<string>;

  constructor(directory: PlaceDirectory) {
    this.#directory = directory;
    this.#watched = watchedZones(directory);
  }

  zone(place: string): Zone {
    return { place, watched: this.#watched.has(place) };
  }

  readPoint(code: string): ReturnType<PlaceDirectory["readPoint"]> {
    return this.#directory.readPoint(code);
  }

  /** The places of a shelf read point, as evidence names them. */
  shelf({ id, placeId, zoneAroundId, spot }: Point<"shelf">): AtShelf {
    const zone = zoneAroundId === null ? null : this.zone(this.#directory.observableOf(zoneAroundId));
    return { readPoint: id, place: this.#directory.observableOf(placeId), zone, ...spotOf(spot) };
  }
}

function usualOf({ walked }: Point<"shelf">): Pick<Present, "usual" | "usualRssi"> {
  if (walked === undefined) return {};
  return { usual: Math.round(pointsOf(walked.rssi, walked.rate) * 100) / 100, usualRssi: walked.rssi };
}

function spotOf(spot: readonly [number, number] | null): { spot?: Spot } {
  return spot === null ? {} : { spot: [Math.round(spot[0]), Math.round(spot[1])] };
}

/** Zones that are the inside of a portal. */
function watchedZones(directory: PlaceDirectory): ReadonlySet<string> {
  return new Set(
    directory.readPoints().flatMap((point) => (point.role === "portal" ? [point.observableInsideId] : [])),
  );
}

/** The sightings in a row of the journal; none where it names no tag or a read point that the site does not have. */
export function sightingsOf(row: JournalRow, zones: Zones): Sighting[] {
  const { body } = row;
  switch (body.type) {
    case "arrived":
    case "seen":
    case "departed":
    case "passed":
    case "inventoried":
      return factsOf(row, body, zones).map(({ tag, at, fact }) => ({
        tag,
        at: Math.round(at),
        agent: row.agent,
        epoch: row.epoch,
        seq: row.seq,
        type: body.type,
        readPoint: body.readPoint,
        observedAt: row.observedAt.getTime(),
        fact,
      }));
    default:
      return [];
  }
}

interface TagFact {
  readonly tag: number;
  readonly at: number;
  readonly fact: Fact;
}

/**
 * How far what a device tells may be ahead of when it tells it: its reader's clock and its own differ. Nothing is told before it happens; if that were
 * believed, whatever is told of the thing until then would count as earlier.
 */
const MAX_AHEAD_MS = 5_000;

function factsOf(row: JournalRow, body: Body, zones: Zones): TagFact[] {
  const point = zones.readPoint(body.readPoint);
  if (point === undefined) return [];
  const observedAt = row.observedAt.getTime();
  const time = (mono: number): number => Math.min(Math.max(0, mono + row.monoOffset), observedAt + MAX_AHEAD_MS);

  if (point.role === "portal") {
    if (body.type === "passed") {
      const { at, ...seen } = crossing(body, time, observedAt);
      const fact: Crossed = {
        kind: "crossed",
        readPoint: point.id,
        ...spotOf(point.spot),
        inside: zones.zone(point.observableInsideId),
        outside: zones.zone(point.observableOutsideId),
        direction: body.direction,
        p: Math.min(0.99, Math.max(0.01, body.p)),
        ...seen,
      };
      return [{ tag: body.tag, at, fact }];
    }
    const near = (tag: number, at: number, strength?: Strength): TagFact => ({
      tag,
      at,
      fact: {
        kind: "near",
        readPoint: point.id,
        ...spotOf(point.spot),
        seenAt: Math.round(at),
        ...sidesOf(point, strength, zones),
      },
    });
    switch (body.type) {
      case "inventoried":
        return body.tags.map(({ tag, strength }) => near(tag, time(body.to), strength));
      case "departed":
        return [near(body.tag, time(body.last))];
      case "seen":
        return [near(body.tag, time(body.to), body.strength)];
      case "arrived":
        return [near(body.tag, observedAt, body.strength)];
    }
  }

  const shelf = zones.shelf(point);
  const present = (strength: Strength, seenAt: number): Present => ({
    kind: "present",
    ...shelf,
    seenAt: Math.round(seenAt),
    rounds: strength.rounds,
    reads: strength.reads,
    rssi: strongestOf(strength.antennas.map(({ rssiMean }) => rssiMean)),
    ...usualOf(point),
  });
  switch (body.type) {
    case "arrived":
      return [{ tag: body.tag, at: Math.min(time(body.first), observedAt), fact: present(body.strength, observedAt) }];
    case "seen":
      return [{ tag: body.tag, at: time(body.to), fact: present(body.strength, time(body.to)) }];
    case "departed":
      return [{ tag: body.tag, at: time(body.last), fact: { kind: "gone", ...shelf, ...lateness(body, time) } }];
    case "inventoried":
      return body.tags.map(({ tag, strength }) => ({ tag, at: time(body.to), fact: present(strength, time(body.to)) }));
    case "passed":
      return [];
  }
}

/** What a device says of a tag before it finds out that it is gone, however long that takes, does not bring it back. */
function lateness({ last, decided }: Observed<"departed">, time: (mono: number) => number): { decided?: number } {
  return decided - last <= TOMBSTONE_MS ? {} : { decided: Math.round(time(decided)) };
}

/** What drivers say where a reader tells of a read and not how strong it was, dBm. */
const UNTOLD = -100;

/** The strongest, dBm; null where a reader gives none. */
function strongestOf(levels: readonly number[]): number | null {
  const told = levels.filter((level) => level > UNTOLD);
  return told.length === 0 ? null : Math.max(...told);
}

/** A side that does not read a tag reads it more weakly than this, dBm. */
const UNREAD = -85;

/** Which side of a portal reads a tag more strongly; nothing where antennas of both sides go by the same number. */
function sidesOf(point: Point<"portal">, strength: Strength | undefined, zones: Zones): Partial<Near> {
  const { inside, outside } = point.antennas;
  if (strength === undefined || strongestOf(strength.antennas.map(({ rssiMean }) => rssiMean)) === null) return {};
  if (inside.some(({ antenna }) => outside.some((other) => other.antenna === antenna))) return {};
  const levelOf = (refs: typeof inside) =>
    strength.antennas
      .filter(({ antenna }) => refs.some((ref) => ref.antenna === antenna))
      .reduce((best, { rssiMean }) => Math.max(best, rssiMean), UNREAD);
  const [in_, out] = [levelOf(inside), levelOf(outside)];
  return {
    inside: zones.zone(point.observableInsideId),
    outside: zones.zone(point.observableOutsideId),
    lean: Math.round(in_ - out),
    rssi: Math.round(Math.max(in_, out)),
  };
}

/** When a pass went through: between what the one side and what the other side saw of it. And how strongly it was read at most. */
function crossing(
  { sides: { inside, outside } }: Observed<"passed">,
  time: (mono: number) => number,
  observedAt: number,
): Pick<Crossed, "seenAt" | "rssi"> & { at: number } {
  const sides = [inside, outside].filter((side) => side !== undefined);
  if (sides.length === 0) return { at: observedAt, seenAt: observedAt };
  const rssi = strongestOf(sides.map(({ rssiMax }) => rssiMax));
  const centres = sides.map(({ first, last }) => (time(first) + time(last)) / 2);
  return {
    at: centres.reduce((sum, centre) => sum + centre, 0) / centres.length,
    seenAt: Math.round(Math.max(...sides.map(({ last }) => time(last)))),
    ...(rssi === null ? {} : { rssi: Math.round(rssi) }),
  };
}
