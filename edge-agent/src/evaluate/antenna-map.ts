import { AgentConfig, AntennaMap, type AntennaRef, type LlrpReader, type ReadPoint } from "@storeward/contracts";
import { type ConfigProblem, loadConfig } from "@storeward/runtime";
import type { Ground } from "./claims.js";

/**
 * A single antenna that tags go by. No device has such a read point: nobody can say which way a tag went, so no filter is asked, and passages
 * are visits.
 */
export interface Line {
  readonly id: string;
  readonly antennas: readonly AntennaRef[];
}

/** What the antennas of a recording are for. */
export interface Site extends Omit<Ground, "startsAt"> {
  /** In the order in which tags come by them. */
  readonly lines: readonly Line[];
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
  const ids = [...new Set(map.antennas.map(({ readPoint }) => readPoint))];
  const refsOf = (id: string, role: string) =>
    mounts.filter((mount) => mount.readPoint === id && mount.role === role).map(({ ref }) => ref);
  const lines = ids
    .map((id): Line => ({ id, antennas: refsOf(id, "line") }))
    .filter(({ antennas }) => antennas.length > 0);
  const readPoints = ids
    .filter((id) => !lines.some((line) => line.id === id))
    .map((id): ReadPoint => {
      const shelf = refsOf(id, "shelf");
      if (shelf.length > 0) return { id, role: "shelf", place: id, antennas: shelf };
      const rooms = map.portals?.find(({ readPoint }) => readPoint === id);
      const antennas = { inside: refsOf(id, "inside"), outside: refsOf(id, "outside") };
      return { id, role: "portal", inside: rooms?.inside ?? id, outside: rooms?.outside ?? "outside", antennas };
    });
  return {
    readers,
    readPoints,
    lines,
    locate: (reader, antenna) => mounts.find((one) => one.reader === reader && one.antenna === antenna)?.ref,
    antennasOf: (reader) => mounts.filter((one) => reader === "" || one.reader === reader).map(({ ref }) => ref),
  };
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
