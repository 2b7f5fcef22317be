import { readFileSync } from "node:fs";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls } from "node:tls";
import { type LlrpReader, llrpPort } from "@storeward/contracts";
import { describeError } from "@storeward/runtime";
import { E } from "./errors.js";

export interface Dialled {
  readonly socket: Socket;
  /** What to say when the socket fails, which depends on how far it came. */
  readonly failure: (cause: Error) => unknown;
}

/** Certificates of a link, as PEM. */
export interface LinkFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** What of a reader's configuration says where it is and whom to trust. */
type Address = Pick<LlrpReader, "host" | "port" | "tls" | "serverName" | "caFile" | "certFile" | "keyFile">;

/** Begins to connect to a reader. Throws LLRP_FILE for a certificate that cannot be read now. */
export function dial(reader: Address): Dialled {
  const { host = "", tls = false } = reader;
  const port = llrpPort(reader);
  let state: "connecting" | "handshake" | "open" = "connecting";
  const failure = (cause: Error): unknown => {
    const reason = cause.message;
    if (state === "open") return E.LLRP_CLOSED({ reason }, { cause });
    if (state === "handshake") return E.LLRP_TLS({ host, port, reason }, { cause });
    return E.LLRP_CONNECT({ host, port, reason }, { cause });
  };
  if (!tls) {
    const socket = connectTcp({ host, port, noDelay: true, keepAlive: true });
    socket.once("connect", () => {
      state = "open";
    });
    return { socket, failure };
  }
  const name = reader.serverName ?? host;
  const socket = connectTls({
    host,
    port,
    ...linkFiles(reader),
    // An address cannot be asked for by name (RFC 6066 §3); the certificate is compared with it all the same.
    servername: isIP(name) === 0 ? name : "",
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
  });
  socket.setNoDelay(true);
  socket.setKeepAlive(true);
  socket.once("connect", () => {
    state = "handshake";
  });
  socket.once("secureConnect", () => {
    state = "open";
  });
  return { socket, failure };
}

/** Read at every connection, so that a renewed certificate needs no restart. Throws LLRP_FILE. */
export function linkFiles({ caFile, certFile, keyFile }: Address): LinkFiles {
  return {
    ...(caFile === undefined ? {} : { ca: read("caFile", caFile) }),
    ...(certFile === undefined ? {} : { cert: read("certFile", certFile) }),
    ...(keyFile === undefined ? {} : { key: read("keyFile", keyFile) }),
  };
}

function read(key: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw E.LLRP_FILE({ key, reason: describeError(cause) }, { cause });
  }
}
