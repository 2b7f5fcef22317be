import { selectionProblems } from "@storeward/codecs/epc-pattern";
import {
  type AgentConfig,
  type AntennaRef,
  checkLlrpCallers,
  checkLlrpReader,
  type Reader,
  type ReadPoint,
  readerFiles,
  readerLink,
} from "@storeward/contracts";
import { type ConfigProblem, checkConnect, checkListen, describeError } from "@storeward/runtime";

type Report = (path: string, message: string) => void;

/** Everything wrong with an agent's configuration that its schema cannot see. `readable` throws where a file cannot be read. */
export function checkAgentConfig(config: AgentConfig, readable: (path: string) => void): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const report: Report = (path, message) => problems.push({ path, message });
  checkCloud(config.cloud, readable, report);
  const { address: host, port, insecure } = config.status;
  if (port !== 0) tried("status.address", report, () => checkListen({ host, tls: false, insecure, what: STATUS_PAGE }));
  noTwice(config.readers, "readers", report);
  noTwice(config.readPoints, "readPoints", report);
  for (const [i, reader] of config.readers.entries()) {
    checkReader(reader, `readers[${i}]`, config.agent, report);
    checkLink(reader, `readers[${i}]`, readable, report);
    if (reader.driver === "llrp") checkLlrpReader(reader, `readers[${i}]`, report);
  }
  checkLlrpCallers(
    config.readers.map((reader) => (reader.driver === "llrp" ? reader : { id: reader.id, agent: reader.agent })),
    report,
  );
  checkReadPoints(config, report);
  for (const { path, message } of selectionProblems(config.epcFilter ?? {})) report(`epcFilter.${path}`, message);
  return problems;
}

/** Readers that no read point uses: allowed, as they may be about to be used. */
export function idleReaders({ readers, readPoints }: Pick<AgentConfig, "readers" | "readPoints">): string[] {
  const used = new Set(readPoints.flatMap((point) => antennasOf(point, "").map(({ ref }) => ref.reader)));
  return readers.filter(({ id }) => !used.has(id)).map(({ id }) => id);
}

/** The antennas of a read point, each with where it stands in the file. */
export function antennasOf(point: ReadPoint, at: string): { path: string; ref: AntennaRef }[] {
  const list = (refs: readonly AntennaRef[], path: string) => refs.map((ref, n) => ({ path: `${path}[${n}]`, ref }));
  if (point.role === "shelf") return list(point.antennas, `${at}.antennas`);
  const { inside, outside } = point.antennas;
  return [...list(inside, `${at}.antennas.inside`), ...list(outside, `${at}.antennas.outside`)];
}

/** Host and whether TLS is used, of `mqtt://` and `mqtts://`. */
export function cloudAddress(url: string): { host: string; tls: boolean } {
  const { hostname, protocol } = new URL(url);
  return { host: hostname, tls: protocol === "mqtts:" };
}

/** For messages about where it listens. */
export const STATUS_PAGE = "The status page";

function tried(path: string, report: Report, action: () => void): void {
  try {
    action();
  } catch (error) {
    report(path, describeError(error));
  }
}

function checkCloud(cloud: AgentConfig["cloud"], readable: (path: string) => void, report: Report): void {
  tried("cloud.url", report, () => {
    if (cloudAddress(cloud.url).host === "") throw new Error("it names no host");
    checkConnect({ ...cloudAddress(cloud.url), insecure: cloud.insecure, what: "The uplink" });
  });
  tried("cloud.passwordFile", report, () => readable(cloud.passwordFile));
  const { caFile } = cloud;
  if (caFile !== undefined) tried("cloud.caFile", report, () => readable(caFile));
}

/** What keeps a driver from connecting, found before it tries. */
function checkLink(reader: Reader, at: string, readable: (path: string) => void, report: Report): void {
  const { key, host, tls, listens } = readerLink(reader);
  if (host !== undefined)
    tried(`${at}.${key}`, report, () => {
      if (host === "") throw new Error("it names no host");
      const exposure = { host, tls, insecure: reader.insecure, what: `Reader ${reader.id}` };
      if (listens) checkListen(exposure);
      else checkConnect(exposure);
    });
  for (const { key: name, path } of readerFiles(reader)) tried(`${at}.${name}`, report, () => readable(path));
  if ("username" in reader && reader.username !== undefined && reader.passwordFile === undefined)
    report(`${at}.username`, `${reader.id} has a user name but no passwordFile`);
}

function noTwice(list: readonly { readonly id: string }[], name: string, report: Report): void {
  const first = new Map<string, number>();
  list.forEach(({ id }, i) => {
    const at = first.get(id);
    if (at === undefined) first.set(id, i);
    else report(`${name}[${i}].id`, `${id} is already the id of ${name}[${at}]`);
  });
}

function checkReader(reader: Reader, at: string, agent: string, report: Report): void {
  if (reader.agent !== agent) report(`${at}.agent`, `${reader.id} belongs to ${reader.agent}, this agent is ${agent}`);
  const seen = new Set<number>();
  reader.antennas.forEach(({ antenna }, n) => {
    if (seen.has(antenna)) report(`${at}.antennas[${n}].antenna`, `${reader.id} has antenna ${antenna} twice`);
    seen.add(antenna);
  });
}

function checkReadPoints({ readers, readPoints }: AgentConfig, report: Report): void {
  const byId = new Map(readers.map((reader) => [reader.id, reader]));
  const usedBy = new Map<string, string>();
  readPoints.forEach((point, i) => {
    for (const { path, ref } of antennasOf(point, `readPoints[${i}]`)) {
      const reader = byId.get(ref.reader);
      const name = `antenna ${ref.antenna} of ${ref.reader}`;
      if (reader === undefined) report(`${path}.reader`, `${ref.reader} is no reader of this agent`);
      else if (!reader.antennas.some(({ antenna }) => antenna === ref.antenna))
        report(`${path}.antenna`, `${ref.reader} has no antenna ${ref.antenna}`);
      else if (usedBy.has(name)) report(path, `${name} is already used by read point ${usedBy.get(name)}`);
      usedBy.set(name, point.id);
    }
  });
}
