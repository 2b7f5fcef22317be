import { observablePlaces, type Site } from "@storeward/contracts";
import { Playback } from "../../../edge-agent/src/evaluate/playback.js";
import { BadLines } from "../../../edge-agent/src/evaluate/recording/bad-lines.js";
import { linesOf } from "../../../edge-agent/src/evaluate/recording/file.js";
import { READ_COLUMNS, type Recorded, recordedOf, shown } from "../../../edge-agent/src/evaluate/recording/recorded.js";
import { RowReader } from "../../../edge-agent/src/evaluate/recording/rows.js";
import { EpcGate } from "../../../edge-agent/src/filtering/epc-gate.js";
import type { ReaderEvent } from "../../../edge-agent/src/readers/driver.js";
import { SiteFilters } from "../../../edge-agent/test/accuracy/site-filters.js";
import { Arena } from "./arena.js";
import { PROMPT } from "./conditions.js";
import type { Move } from "./locator.js";
import type { Score } from "./score.js";
import { SiteWalk, type Walked } from "./walk.js";

const LOOK_MS = 1_000;
/** A look stands for no more time than this. */
const MOST_MS = 2 * LOOK_MS;
/** What is read so soon is not judged: the filters find what is there. */
const SETTLING_MS = 20_000;
const ROUNDS = { portalRoundMs: 250, shelfRoundMs: 1_000, holeMs: undefined };
const COLUMNS = { ...READ_COLUMNS, place: { names: ["place", "trueplace", "truth", "location"], required: true } };

/** A line of a recording; a read has the place where its tag truly was. */
interface TrueLine {
  readonly recorded: Recorded;
  readonly place?: string;
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
 * place of its line until a later line of it names another; places are codes of the site. Lines that are no such reads are counted; those of a
 * round or of coverage, in a column `event`, have no place.
 */
export async function evaluateRecording(file: string, site: Site): Promise<RecordedFigures> {
  const bad = new BadLines();
  const lines = await trueLines(file, site, bad);
  const reads = lines.filter(isRead);
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
    // Of days in which nobody recorded nothing is known.
    arena.look(now, Math.min(now - looked, MOST_MS) / 1000, truthAt(moves, now), filters.through());
    looked = now;
  };
  const playback = new Playback({ ...ROUNDS, site: heard(site), onStart: () => {}, onEvent: handle, onTick: tick });
  for (const { recorded } of lines) playback.take(recorded);
  playback.end();
  return { reads: reads.length, bad, methods: arena.end(looked, moves), walked: walk.found() };
}

function isRead(line: TrueLine): line is Required<TrueLine> {
  return line.place !== undefined;
}

async function trueLines(file: string, site: Site, bad: BadLines): Promise<TrueLine[]> {
  const rows = new RowReader(file, COLUMNS);
  const lineOf = judge(site);
  const found: TrueLine[] = [];
  for await (const lines of linesOf(file))
    for (const { number, text } of lines) {
      const row = text === undefined ? "is too long for a read" : rows.row(text);
      if (row === undefined) continue;
      const recorded = typeof row === "string" ? row : recordedOf(row, "auto", rows.has("antenna"));
      const line =
        typeof row === "string" || typeof recorded === "string" ? recorded : lineOf(recorded, String(row.place ?? ""));
      if (typeof line === "string") bad.add(file, number, line);
      else if ("recorded" in line) found.push(line);
    }
  return found.sort((a, b) => a.recorded.at - b.recorded.at);
}

/** Says of a line what it is at this site, or why it is nothing. */
function judge(site: Site): (recorded: Recorded, place: string) => TrueLine | string {
  const observable = observablePlaces(site);
  const { locate, antennasOf } = heard(site);
  const gate = new EpcGate(site.epcFilter);
  const persons = site.readPoints.some((point) => point.persons === true);
  return (recorded, name) => {
    const { kind, reader, antenna, epc } = recorded;
    // What is no read may be of all antennas of a reader, or of the site.
    if (kind !== "read" && antenna === "")
      return antennasOf(reader).length > 0 ? { recorded } : `names no reader of the site: ${shown(reader)}`;
    if (reader === "" && site.readers.length > 1) return "names no reader, and the site has more than one";
    if (locate(reader, antenna) === undefined) return `names no antenna of the site: ${shown(`${reader} ${antenna}`)}`;
    if (kind !== "read") return { recorded };
    if (!gate.passes(epc, persons, 1)) return `has the EPC ${epc}, which the filter of the site keeps out`;
    const place = observable.get(name);
    return place === undefined ? `names no place of the site: ${shown(name)}` : { recorded, place };
  };
}

function movesOf(reads: readonly Required<TrueLine>[]): Map<string, Move[]> {
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
