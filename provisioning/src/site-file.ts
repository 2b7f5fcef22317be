import { selectionProblems } from "@storeward/codecs/epc-pattern";
import { type AgentConfig, checkSite, type ReadPoint, readerLink, Site } from "@storeward/contracts";
import { type ConfigProblem, checkConnect, checkListen, describeError, loadConfig } from "@storeward/runtime";

/** Most that one device can be given: the limits of `agent.yaml`. */
const PER_AGENT: Readonly<Record<"readers" | "readPoints", number>> = { readers: 64, readPoints: 256 };

/** Reads and checks `site.yaml`. Errors: those of `loadConfig`, every problem at once with its line and key. */
export function loadSite(file: string): Site {
  const check = (site: Site) => [...checkSite(site), ...checkLinks(site), ...checkAgents(site), ...checkFilter(site)];
  return loadConfig(Site, file, { check });
}

/**
 * The part of the site that one agent reads: its readers, and the read points made of their antennas. What a site walk has shown of them is for the
 * cloud: an agent goes by what it reads.
 */
export function partOf(site: Site, agent: string): Pick<AgentConfig, "readers" | "readPoints"> {
  const readers = site.readers.filter((reader) => reader.agent === agent);
  const own = new Set(readers.map((reader) => reader.id));
  const readPoints = site.readPoints.filter((point) => {
    const antennas = point.role === "shelf" ? point.antennas : [...point.antennas.inside, ...point.antennas.outside];
    return antennas.some(({ reader }) => own.has(reader));
  });
  return { readers, readPoints: readPoints.map(withoutWalk) };
}

function withoutWalk(point: ReadPoint): ReadPoint {
  if (point.role === "portal") return point;
  const { walked: _, ...read } = point;
  return read;
}

/** Links to readers that an agent would refuse, as they are in the clear beyond its own machine. */
function checkLinks({ readers }: Site): ConfigProblem[] {
  return readers.flatMap((reader, index) => {
    const { key, host, tls, listens } = readerLink(reader);
    if (host === undefined) return [];
    try {
      const exposure = { host, tls, insecure: reader.insecure, what: `The agent of ${reader.id}` };
      if (listens) checkListen(exposure);
      else checkConnect(exposure);
      return [];
    } catch (error) {
      return [{ path: `readers[${index}].${key}`, message: describeError(error) }];
    }
  });
}

function checkAgents(site: Site): ConfigProblem[] {
  return site.agents.flatMap(({ id }, index) => {
    const part = partOf(site, id);
    return (["readers", "readPoints"] as const)
      .filter((key) => part[key].length > PER_AGENT[key])
      .map((key) => ({
        path: `agents[${index}].id`,
        message: `${id} has ${part[key].length} ${key}; one agent takes ${PER_AGENT[key]}`,
      }));
  });
}

function checkFilter({ epcFilter = { prefixes: [] } }: Site): ConfigProblem[] {
  return selectionProblems(epcFilter).map(({ path, message }) => ({ path: `epcFilter.${path}`, message }));
}
