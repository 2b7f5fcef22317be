import {
  AgentConfig,
  AntennaMap,
  type AntennaRef,
  type LlrpReader,
  type PortalReadPoint,
  type Reader,
  type ReadPoint,
} from "@storeward/contracts";
import { type ConfigProblem, loadConfig } from "@storeward/runtime";
import type { Ground } from "./claims.js";

/** What the antennas of a recording are for. */
export interface Site extends Omit<Ground, "startsAt"> {
  /** Read points of a single antenna that tags cross, in the order in which they come by them. */
  readonly lines: readonly string[];
  /** The antenna that a recording means; undefined where the map has none of that name. */
  locate(reader: string, antenna: string): AntennaRef | undefined;
  /** The antennas of a reader as recorded, or of all readers. */
  antennasOf(reader: string): AntennaRef[];
}

/** The readers and read points of a device's own `agent.yaml`. */
export function siteOfConfig(file: string): Site {
  const { readers, readPoints, epcFilter } = loadConfig(AgentConfig, file);
  const refs = readers.flatMap(({ id, antennas }) => antennas.map(({ antenna }) => ({ reader: id, antenna })));
  return {
    readers,
    readPoints,
    epcFilter,
    lines: [],
    locate: (reader, antenna) =>
      refs.find(
        (ref) => (reader === "" ? readers.length === 1 : ref.reader === reader) && String(ref.antenna) === antenna,
      ),
    antennasOf: (reader) => refs.filter((ref) => reader === "" || ref.reader === reader),
  };
}

/** An antenna map, for a recording that comes from elsewhere. */
export function siteOfMap(file: string): Site {
  return siteOf(loadConfig(AntennaMap, file, { check: problemsOf }));
}

export function siteOf(map: AntennaMap): Site {
  const names = [...new Set(map.antennas.map(({ reader }) => String(reader ?? "")))];
  const mounts = map.antennas.map((one, index) => {
    const reader = String(one.reader ?? "");
    const ref = { reader: `reader-${names.indexOf(reader) + 1}`, antenna: index + 1 };
    return { ...one, ref, reader, antenna: String(one.antenna ?? "1") };
  });
  const readers = names.map((name, index): LlrpReader => {
    const antennas = mounts
      .filter(({ reader }) => reader === name)
      .map(({ ref }) => ({ antenna: ref.antenna, power: 30 }));
    return { id: `reader-${index + 1}`, agent: "recorded", driver: "llrp", host: "recorded", region: "ETSI", antennas };
  });
  const points = [...new Set(map.antennas.map(({ readPoint }) => readPoint))];
  const readPoints = points.map((id): ReadPoint => {
    const own = mounts.filter(({ readPoint }) => readPoint === id);
    const of = (role: string) => own.filter((mount) => mount.role === role).map(({ ref }) => ref);
    const shelf = of("shelf");
    if (shelf.length > 0) return { id, role: "shelf", place: id, antennas: shelf };
    const { inside, outside } = map.portals?.find(({ readPoint }) => readPoint === id) ?? {
      inside: id,
      outside: "outside",
    };
    return { id, role: "portal", inside, outside, antennas: sidesOf(of, readers) };
  });
  return {
    readers,
    readPoints,
    lines: points.filter((id) => mounts.some(({ readPoint, role }) => readPoint === id && role === "line")),
    locate: (reader, antenna) => mounts.find((one) => one.reader === reader && one.antenna === antenna)?.ref,
    antennasOf: (reader) => mounts.filter((one) => reader === "" || one.reader === reader).map(({ ref }) => ref),
  };
}

/** A line has one side only; the other is an antenna that never reads. */
function sidesOf(of: (role: string) => AntennaRef[], readers: readonly Reader[]): PortalReadPoint["antennas"] {
  const line = of("line");
  const none = { reader: line[0]?.reader ?? readers[0]?.id ?? "", antenna: 65_535 };
  return line.length > 0 ? { inside: line, outside: [none] } : { inside: of("inside"), outside: of("outside") };
}

function problemsOf({ antennas, portals = [] }: AntennaMap): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const seen = new Map<string, number>();
  const rolesAt = new Map<string, Set<string>>();
  antennas.forEach(({ reader = "", antenna = "1", readPoint, role }, index) => {
    const path = `antennas[${index}]`;
    const key = `${reader} ${antenna}`;
    const other = seen.get(key);
    if (other === undefined) seen.set(key, index);
    else problems.push({ path, message: `this antenna is already antennas[${other}]` });
    const roles = rolesAt.get(readPoint) ?? new Set();
    rolesAt.set(readPoint, roles.add(role));
  });
  for (const [index, { readPoint }] of antennas.entries()) {
    const roles = [...(rolesAt.get(readPoint) ?? [])].sort().join(" ");
    rolesAt.delete(readPoint);
    if (!["", "shelf", "line", "inside outside"].includes(roles))
      problems.push({
        path: `antennas[${index}].role`,
        message: `${readPoint} has ${roles}; it can be a shelf, a line, or have an inside and an outside`,
      });
  }
  portals.forEach(({ readPoint }, index) => {
    if (!antennas.some((one) => one.readPoint === readPoint))
      problems.push({ path: `portals[${index}].readPoint`, message: `${readPoint} is at no antenna` });
  });
  return problems;
}
