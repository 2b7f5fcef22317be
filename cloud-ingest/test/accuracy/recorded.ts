import { observablePlaces, type Site } from "@storeward/contracts";
import { Playback } from "../../../edge-agent/src/evaluate/playback.js";
import { BadLines } from "../../../edge-agent/src/evaluate/recording/bad-lines.js";
import { linesOf } from "../../../edge-agent/src/evaluate/recording/file.js";
import { READ_COLUMNS, type Recorded, recordedOf } from "../../../edge-agent/src/evaluate/recording/recorded.js";
import { RowReader } from "../../../edge-agent/src/evaluate/recording/rows.js";
import type { ReaderEvent } from "../../../edge-agent/src/readers/driver.js";
import { SiteFilters } from "../../../edge-agent/test/accuracy/site-filters.js";
import { Arena } from "./arena.js";
import { PROMPT } from "./conditions.js";
import type { Move } from "./locator.js";
import type { Score } from "./score.js";
import { SiteWalk, type Walked } from "./walk.js";

const LOOK_MS = 1_000;
/** What is read so soon is not judged: the filters find what is there. */
const SETTLING_MS = 20_000;
const ROUNDS = { portalRoundMs: 250, shelfRoundMs: 1_000, holeMs: undefined };
const COLUMNS = { ...READ_COLUMNS, place: { names: ["place", "trueplace", "truth", "location"], required: true } };

/** A read with the place where the tag truly was. */
interface TrueRead {
  readonly recorded: Recorded;
  readonly place: string;
}

type Said = ReturnType<SiteFilters["tick"]>[number];

export interface RecordedFigures {
  readonly reads: number;
  readonly bad: BadLines;
  readonly methods: readonly { readonly method: string; readonly score: Score }[];
  /** How each shelf read point read what truly lay there, as `walked` in site.yaml says it. */
  readonly walked: ReadonlyMap<string, Walked>;
}

/**
 * Every method on recorded reads with truth: CSV with the columns time, antenna, epc, place and where known reader and rssi. A tag is at the
 * place of its line until a later line of it names another; places are codes of the site. Lines that are no such reads are counted.
 */
export async function evaluateRecording(file: string, site: Site): Promise<RecordedFigures> {
  const bad = new BadLines();
  const reads = await trueReads(file, site, bad);
  const [first] = reads;
  if (first === undefined)
    throw new RangeError(`${file} has no read with a place: ${bad.examples[0] ?? "it is empty"}`);
  const moves = movesOf(reads);
  const begin = first.recorded.at;
  const arena = new Arena(site, [...moves.keys()], PROMPT, begin + SETTLING_MS);
  const agentOf = new Map(site.readers.map(({ id, agent }) => [id, agent]));
  const filters = new SiteFilters(site);
  const walk = new SiteWalk(site);
  const placeAt = (now: number) => (epc: string) => moves.get(epc)?.findLast(({ at }) => at <= now)?.place;
  let looked = begin;
  const send = (said: Said, now: number) => {
    arena.send({ ...said, at: now });
    walk.take(said.draft, placeAt(now));
  };
  const handle = (reader: string, event: ReaderEvent, now: number) => {
    for (const said of filters.handle(reader, event)) send(said, now);
    if (event.type === "reads") arena.send({ agent: agentOf.get(reader) ?? "", at: now, reader, reads: event.reads });
  };
  const tick = (now: number) => {
    for (const said of filters.tick(now)) send(said, now);
    if (now - looked < LOOK_MS) return;
    arena.look(now, (now - looked) / 1000, truthAt(moves, now), filters.through());
    looked = now;
  };
  const playback = new Playback({ ...ROUNDS, site: heard(site), onStart: () => {}, onEvent: handle, onTick: tick });
  for (const { recorded } of reads) playback.take(recorded);
  playback.end();
  return { reads: reads.length, bad, methods: arena.end(looked, moves), walked: walk.found() };
}

async function trueReads(file: string, site: Site, bad: BadLines): Promise<TrueRead[]> {
  const rows = new RowReader(file, COLUMNS);
  const observable = observablePlaces(site);
  const reads: TrueRead[] = [];
  for await (const lines of linesOf(file))
    for (const { number, text } of lines) {
      const row = text === undefined ? "is too long for a read" : rows.row(text);
      if (row === undefined) continue;
      const recorded = typeof row === "string" ? row : recordedOf(row, "auto", rows.has("antenna"));
      const place = typeof row === "string" ? undefined : observable.get(String(row.place ?? ""));
      if (typeof recorded === "string") bad.add(file, number, recorded);
      else if (place === undefined) bad.add(file, number, "names no place of the site");
      else reads.push({ recorded, place });
    }
  return reads.sort((a, b) => a.recorded.at - b.recorded.at);
}

function movesOf(reads: readonly TrueRead[]): Map<string, Move[]> {
  const moves = new Map<string, Move[]>();
  for (const { recorded, place } of reads) {
    const known = moves.get(recorded.epc) ?? [];
    moves.set(recorded.epc, known);
    if (known.at(-1)?.place !== place) known.push({ at: recorded.at, place });
  }
  return moves;
}

/** Things that have been read already. */
function truthAt(moves: ReadonlyMap<string, readonly Move[]>, now: number) {
  return [...moves].flatMap(([epc, all]) => {
    const last = all.findLast(({ at }) => at <= now);
    return last === undefined ? [] : [{ epc, ...last }];
  });
}

/** The antennas of a site as recordings name them. */
function heard(site: Site): ConstructorParameters<typeof Playback>[0]["site"] {
  const refs = site.readers.flatMap(({ id, antennas }) => antennas.map(({ antenna }) => ({ reader: id, antenna })));
  const antennasOf = (reader: string) => refs.filter((ref) => reader === "" || ref.reader === reader);
  const locate = (reader: string, antenna: string) =>
    reader === "" && site.readers.length > 1
      ? undefined
      : antennasOf(reader).find((ref) => String(ref.antenna) === antenna);
  return { ...site, lines: [], locate, antennasOf };
}
