import { type Static, Type } from "typebox";
import { closed } from "./shapes.js";

/* What `site.yaml` says of an LLRP reader: how it is reached, and how it is told to read. */

const Port = (description: string) => Type.Integer({ minimum: 1, maximum: 65535, description });
const Path = (description: string) => Type.String({ minLength: 1, maxLength: 1000, description });

/** How tags answer at the antennas of one role. */
export const LlrpRoleReading = closed({
  session: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 3, description: "C1G2 session; 1 for portals and 2 for shelves where absent" }),
  ),
  population: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65535,
      description: "tags expected before one antenna at a time; 8 for portals and 64 for shelves where absent",
    }),
  ),
  search: Type.Optional(
    Type.Enum(["reader-selected", "single-target", "dual-target", "single-target-with-suppression"], {
      description: "search mode of Impinj readers; dual-target where absent, and not to be set for other readers",
    }),
  ),
  mode: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 0xffff_ffff,
      description: "RF mode, by its identifier in the reader's capabilities; the reader's own choice where absent",
    }),
  ),
});
export type LlrpRoleReading = Static<typeof LlrpRoleReading>;

export const LlrpContent = Type.Enum(["channel", "firstSeen", "lastSeen", "count", "pc"]);
export type LlrpContent = Static<typeof LlrpContent>;

export const LlrpReading = closed({
  portal: Type.Optional(LlrpRoleReading),
  shelf: Type.Optional(LlrpRoleReading),
  report: Type.Optional(
    Type.Enum(["tag", "cycle"], {
      description:
        "tag: every read at once; cycle: once all antennas have had their turn. Where absent: tag with a portal, else cycle",
    }),
  ),
  contents: Type.Optional(
    Type.Array(LlrpContent, {
      maxItems: 5,
      uniqueItems: true,
      description:
        "what is reported besides EPC, antenna and strength; channel, firstSeen, lastSeen and count where absent",
    }),
  ),
  vendorExtensions: Type.Optional(
    Type.Boolean({ description: "whether extensions of a vendor we know (Impinj) are used; true where absent" }),
  ),
});
export type LlrpReading = Static<typeof LlrpReading>;

/** Beside what every reader has. */
export const llrpReaderKeys = {
  driver: Type.Literal("llrp"),
  host: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 253,
      description: "name or address of the reader; with listen, the address it calls from",
    }),
  ),
  port: Type.Optional(Port("of the reader; 5084, with TLS 5085, where absent")),
  listen: Type.Optional(
    closed(
      {
        port: Port("on which this device waits for the reader to call"),
        address: Type.Optional(
          Type.String({ minLength: 1, maxLength: 253, description: "of this device; 127.0.0.1 where absent" }),
        ),
      },
      { description: "the reader connects to this device, instead of the other way round" },
    ),
  ),
  identity: Type.Optional(
    Type.String({
      pattern: "^[0-9A-F]{2,64}$",
      description:
        "the ReaderID that the reader tells in its Identification, upper-case hex; another reader is refused",
    }),
  ),
  tls: Type.Optional(Type.Boolean({ description: "LLRP over TLS" })),
  caFile: Type.Optional(
    Path("PEM of the authority that signed the reader's certificate; without it, those this device trusts anyway"),
  ),
  serverName: Type.Optional(
    Type.String({ minLength: 1, maxLength: 253, description: "name in the reader's certificate; host where absent" }),
  ),
  certFile: Type.Optional(Path("PEM of this device's certificate for the reader")),
  keyFile: Type.Optional(Path("PEM of the private key to certFile")),
  insecure: Type.Optional(Type.Boolean({ description: "allow LLRP without TLS beyond this machine" })),
  reading: Type.Optional(LlrpReading),
};

const LlrpLink = closed(llrpReaderKeys);
type LlrpLink = Static<typeof LlrpLink>;
type Report = (path: string, message: string) => void;

/** The port of a reader that does not name one. */
export function llrpPort({ port, tls }: Pick<LlrpLink, "port" | "tls">): number {
  return port ?? (tls === true ? 5085 : 5084);
}

/** What the schema cannot see of one LLRP reader; `at` is where it stands in the file. */
export function checkLlrpReader(reader: LlrpLink, at: string, report: Report): void {
  const { host, port, listen, identity, tls, certFile, keyFile } = reader;
  if (listen === undefined) {
    if (host === undefined) report(at, "an LLRP reader has a host, or calls in by listen");
  } else {
    if (port !== undefined) report(`${at}.port`, "a reader that calls in has no port of its own; listen.port is ours");
    if (host === undefined && identity === undefined)
      report(`${at}.listen`, "who calls is told by host (the address it calls from) or identity; write at least one");
    if (host !== undefined && !isAddress(host))
      report(`${at}.host`, `${host} is no address; with listen it must be the address that the reader calls from`);
    if (tls === true && certFile === undefined)
      report(`${at}.tls`, "a reader that calls in over TLS wants to see a certificate: write certFile and keyFile");
    if (reader.serverName !== undefined)
      report(`${at}.serverName`, "a reader that calls in is told by its address or identity, not by a name");
  }
  if ((certFile === undefined) !== (keyFile === undefined)) report(at, "certFile and keyFile go together");
  if (identity !== undefined && identity.length % 2 !== 0) report(`${at}.identity`, "whole bytes are two digits each");
  if (tls === true) return;
  for (const key of ["caFile", "serverName", "certFile", "keyFile"] as const)
    if (reader[key] !== undefined) report(`${at}.${key}`, "has a meaning with tls: true only");
}

/** Readers that call in on one port of one agent: they agree on how it listens, and can be told apart. */
export function checkLlrpCallers(
  readers: readonly (Partial<LlrpLink> & { readonly id: string; readonly agent: string })[],
  report: Report,
): void {
  const callers = readers.flatMap((reader, i) => (reader.listen === undefined ? [] : [{ ...reader, i }]));
  for (const [n, reader] of callers.entries()) {
    const at = `readers[${reader.i}]`;
    for (const other of callers.slice(0, n)) {
      if (other.agent !== reader.agent || other.listen?.port !== reader.listen?.port) continue;
      const ways = [reader, other].map(({ listen, tls, caFile, certFile, keyFile, insecure }) =>
        JSON.stringify([listen?.address ?? "127.0.0.1", tls === true, caFile, certFile, keyFile, insecure === true]),
      );
      if (ways[0] !== ways[1])
        report(
          `${at}.listen`,
          `${reader.id} and ${other.id} call on one port: their address, tls, files and insecure must be the same`,
        );
      const apart = (key: "identity" | "host") =>
        reader[key] !== undefined && other[key] !== undefined && reader[key] !== other[key];
      if (!apart("identity") && !apart("host"))
        report(`${at}.listen`, `${reader.id} cannot be told from ${other.id}: give both an identity, or both a host`);
    }
  }
}

/** IPv4 or IPv6, as written; what is no address after all never calls. */
function isAddress(host: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) || /^[0-9a-fA-F:]*:[0-9a-fA-F:.]+$/.test(host);
}
