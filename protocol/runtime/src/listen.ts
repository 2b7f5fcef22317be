import { defineErrors } from "./errors.js";

const E = defineErrors({
  PORT_TAKEN: {
    template: "Port {port} is already in use: stop what is using it, or set {option} to another port",
    status: 500,
    retryable: false,
  },
  PORT_FORBIDDEN: {
    template: "Port {port} may not be opened by this user: set {option} to a port above 1023, or allow it",
    status: 500,
    retryable: false,
  },
  INSECURE_LISTEN: {
    template:
      "{what} would listen on {host} without TLS, readable for the network: configure TLS, listen on 127.0.0.1, or write insecure: true",
    status: 500,
    retryable: false,
  },
  INSECURE_CONNECT: {
    template:
      "{what} would connect to {host} without TLS, readable for the network: configure TLS, or write insecure: true",
    status: 500,
    retryable: false,
  },
});

/** Turns EADDRINUSE and EACCES of a listener into an error that names the option to change; anything else is returned as it is. */
export function portTakenError(cause: unknown, at: { readonly port: number; readonly option: string }): unknown {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EADDRINUSE") return E.PORT_TAKEN({ ...at }, { cause });
  if (code === "EACCES") return E.PORT_FORBIDDEN({ ...at }, { cause });
  return cause;
}

export interface Exposure {
  /** Name or address; empty, `0.0.0.0` and `::` mean every interface. */
  readonly host: string;
  readonly tls: boolean;
  /** The person has written `insecure: true`. */
  readonly insecure?: boolean | undefined;
  /** Which listener or client, for the message: "MQTT broker". */
  readonly what: string;
}

/**
 * The rule of listening: beyond loopback without TLS is refused (INSECURE_LISTEN) unless `insecure`; then the text
 * returned is to be logged as a warning at every start. Undefined when there is nothing to warn of.
 */
export function checkListen({ host, tls, insecure, what }: Exposure): string | undefined {
  if (tls || isLoopback(host)) return undefined;
  if (!insecure) throw E.INSECURE_LISTEN({ what, host: host === "" ? "every interface" : host });
  return `${what} listens on ${host === "" ? "every interface" : host} without TLS (insecure: true): anyone on the network can read and change what passes`;
}

/** The same rule for a client (INSECURE_CONNECT). */
export function checkConnect({ host, tls, insecure, what }: Exposure): string | undefined {
  if (tls || isLoopback(host)) return undefined;
  if (!insecure) throw E.INSECURE_CONNECT({ what, host });
  return `${what} connects to ${host} without TLS (insecure: true): anyone on the network can read and change what passes`;
}

/** 127.0.0.0/8, ::1 (also in brackets or mapped) and names under `localhost` (RFC 6761 §6.3). */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  if (name === "::1" || name === "localhost" || name.endsWith(".localhost")) return true;
  return /^(::ffff:)?127(\.\d{1,3}){3}$/.test(name);
}
