import { isSource } from "./identity.js";
import { checkLlrpCallers, checkLlrpReader } from "./llrp-reader.js";
import { readerLink } from "./reader-link.js";
import type { AntennaRef, Place, ReadPoint, Site } from "./site.js";
import { observablePlaces } from "./zones.js";

/** Something in a site that its schema cannot see. `path` is as in `places[3].parent`. */
export interface SiteProblem {
  readonly path: string;
  readonly message: string;
}

type Report = (path: string, message: string) => void;

/** Everything that is wrong with a site beyond its schema, all at once, in the order of the file; none: it can be used. */
export function checkSite(site: Site): SiteProblem[] {
  const problems: SiteProblem[] = [];
  const report: Report = (path, message) => problems.push({ path, message });
  checkNames(site, report);
  const before = problems.length;
  checkPlaces(site.places, report);
  const treeIsSound = problems.length === before;
  checkReadPoints(site, report);
  checkReaders(site, report);
  checkAgents(site, report);
  if (treeIsSound) checkPortalsSeparate(site, report);
  return problems;
}

function checkNames({ site }: Site, report: Report): void {
  if (!accepts(() => new Intl.DateTimeFormat("en", { timeZone: site.timeZone })))
    report("site.timeZone", `${site.timeZone} is no time zone; it must be an IANA name such as Europe/Berlin`);
  if (!accepts(() => Intl.getCanonicalLocales(site.locale)))
    report("site.locale", `${site.locale} is no locale; it must be a language tag such as en or de-CH`);
  if (Number(site.dayStarts.slice(0, 2)) > 23) report("site.dayStarts", `${site.dayStarts} is no time of the day`);
}

function accepts(use: () => unknown): boolean {
  try {
    use();
    return true;
  } catch {
    return false;
  }
}

function noTwice(list: readonly { readonly id: string }[], name: string, report: Report): void {
  const first = new Map<string, number>();
  list.forEach(({ id }, i) => {
    const at = first.get(id);
    if (at === undefined) first.set(id, i);
    else report(`${name}[${i}].id`, `${id} is already the id of ${name}[${at}]`);
  });
}

function checkPlaces(places: readonly Place[], report: Report): void {
  noTwice(places, "places", report);
  const byId = new Map(places.map((place) => [place.id, place]));
  const inLoop = placesInLoops(byId);
  places.forEach((place, i) => {
    const at = `places[${i}]`;
    const { id, type, parent } = place;
    const above = parent === undefined ? undefined : byId.get(parent);
    if (parent !== undefined && above === undefined) report(`${at}.parent`, `${parent} is no place of this site`);
    else if (inLoop.has(id)) report(`${at}.parent`, `${id} is inside itself: its parents lead back to it`);
    else if (type === "site" && above !== undefined)
      report(`${at}.parent`, `a site stands in nothing, not in ${above.id}`);
    else if (above !== undefined && isFurniture(above) && !isFurniture(place))
      report(`${at}.parent`, `a ${type} cannot stand in ${above.id}, which is a ${above.type}`);
    place.neighbours?.forEach((neighbour, n) => {
      if (neighbour === id) report(`${at}.neighbours[${n}]`, `${id} is named as its own neighbour`);
      else if (!byId.has(neighbour)) report(`${at}.neighbours[${n}]`, `${neighbour} is no place of this site`);
    });
  });
}

const isFurniture = ({ type }: Place) => type === "shelf" || type === "bin";

/** Places whose chain of parents comes back to themselves; those that only lead into such a loop are not in it. */
function placesInLoops(byId: ReadonlyMap<string, Place>): Set<string> {
  const settled = new Set<string>();
  const inLoop = new Set<string>();
  for (const start of byId.keys()) {
    const trail: string[] = [];
    let at: string | undefined = start;
    while (at !== undefined && !settled.has(at) && !trail.includes(at)) {
      trail.push(at);
      at = byId.get(at)?.parent;
    }
    if (at !== undefined && trail.includes(at)) for (const id of trail.slice(trail.indexOf(at))) inLoop.add(id);
    for (const id of trail) settled.add(id);
  }
  return inLoop;
}

function checkReadPoints(site: Site, report: Report): void {
  noTwice(site.readPoints, "readPoints", report);
  const places = new Set(site.places.map((place) => place.id));
  const readers = new Map(site.readers.map((reader) => [reader.id, reader]));
  const usedAt = new Map<string, string>();
  const placeAt = (path: string, place: string) => {
    if (!places.has(place)) report(path, `${place} is no place of this site`);
  };
  site.readPoints.forEach((point, i) => {
    const at = `readPoints[${i}]`;
    if (point.role === "shelf") placeAt(`${at}.place`, point.place);
    else {
      placeAt(`${at}.inside`, point.inside);
      placeAt(`${at}.outside`, point.outside);
      if (point.inside === point.outside) report(`${at}.outside`, `${point.id} has ${point.inside} on both sides`);
    }
    const agents = new Set<string>();
    for (const { path, ref } of antennasOf(point, at)) {
      const reader = readers.get(ref.reader);
      const name = `antenna ${ref.antenna} of ${ref.reader}`;
      if (reader === undefined) {
        report(`${path}.reader`, `${ref.reader} is no reader of this site`);
        continue;
      }
      agents.add(reader.agent);
      if (!reader.antennas.some(({ antenna }) => antenna === ref.antenna))
        report(`${path}.antenna`, `${ref.reader} has no antenna ${ref.antenna}`);
      const used = usedAt.get(name);
      if (used === undefined) usedAt.set(name, point.id);
      else report(path, `${name} is already used by read point ${used}`);
    }
    if (agents.size > 1)
      report(at, `${point.id} is read by several agents (${[...agents].join(", ")}); one agent must hear all of it`);
  });
}

function antennasOf(point: ReadPoint, at: string): { path: string; ref: AntennaRef }[] {
  const list = (refs: readonly AntennaRef[], path: string) => refs.map((ref, n) => ({ path: `${path}[${n}]`, ref }));
  if (point.role === "shelf") return list(point.antennas, `${at}.antennas`);
  return [
    ...list(point.antennas.inside, `${at}.antennas.inside`),
    ...list(point.antennas.outside, `${at}.antennas.outside`),
  ];
}

function checkReaders(site: Site, report: Report): void {
  noTwice(site.readers, "readers", report);
  const agents = new Set(site.agents.map((agent) => agent.id));
  const linkOf = new Map<string, string>();
  site.readers.forEach((reader, i) => {
    const at = `readers[${i}]`;
    if (!agents.has(reader.agent)) report(`${at}.agent`, `${reader.agent} is no agent of this site`);
    const seen = new Set<number>();
    reader.antennas.forEach(({ antenna }, n) => {
      if (seen.has(antenna)) report(`${at}.antennas[${n}].antenna`, `${reader.id} has antenna ${antenna} twice`);
      seen.add(antenna);
    });
    if (reader.driver === "llrp") checkLlrpReader(reader, at, report);
    // A reader answers one client at a time (LLRP 1.1 §7), so two entries with one address would fight for it.
    const link = readerLink(reader);
    if (link.address === undefined) return;
    const name = link.network ? link.address : `${reader.agent} ${link.address}`;
    const other = linkOf.get(name);
    if (other === undefined) linkOf.set(name, reader.id);
    else report(`${at}.${link.key}`, `${link.address} is already the reader ${other}`);
  });
  checkLlrpCallers(
    site.readers.map((reader) => (reader.driver === "llrp" ? reader : { id: reader.id, agent: reader.agent })),
    report,
  );
}

/** Names that an agent may not have: the broker account of the cloud, and the source under which the cloud journals acts. */
const RESERVED_AGENTS: readonly string[] = ["cloud", "storeward-cloud"];

function checkAgents({ agents }: Site, report: Report): void {
  noTwice(agents, "agents", report);
  agents.forEach(({ id }, i) => {
    if (RESERVED_AGENTS.includes(id)) report(`agents[${i}].id`, `${id} is the cloud's own name; choose another`);
    if (isSource(id))
      report(`agents[${i}].id`, `${id} is an id as phones and clients of the API have it; choose another`);
  });
}

/** A portal whose sides are one zone all the same tells nothing: there is a way around it, or the zones share a name. */
function checkPortalsSeparate(site: Site, report: Report): void {
  const observable = observablePlaces(site);
  site.readPoints.forEach((point, i) => {
    if (point.role !== "portal" || point.inside === point.outside) return;
    const inside = observable.get(point.inside);
    if (inside !== undefined && inside === observable.get(point.outside))
      report(
        `readPoints[${i}]`,
        `${point.id} cannot tell ${point.inside} from ${point.outside}: both belong to what is observed as ${inside}`,
      );
  });
}
