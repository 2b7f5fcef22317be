import type { ProbeTarget } from "../readers/probe.js";
import { tcpAddress } from "../readers/serial/address.js";
import { E } from "./errors.js";

/** A target as a person types it. Throws PROBE_TARGET, or SERIAL_OPEN for a `tcp://` without a port. */
export function parseTarget(text: string): ProbeTarget {
  if (text.startsWith("tcp://")) {
    tcpAddress(text);
    return { device: text };
  }
  if (/^(\/|\\\\\.\\|COM\d+$)/i.test(text)) return { device: text };
  if (/^https?:\/\//i.test(text)) return { url: webAddress(text) };
  if (/^mqtts?:\/\//i.test(text)) return atBroker(text);
  const url = `probe://${text}`;
  const parsed = /[/\s@?#]/.test(text) || !URL.canParse(url) ? undefined : new URL(url);
  if (parsed === undefined || parsed.hostname === "") throw E.PROBE_TARGET({ target: text });
  const host = parsed.hostname.replace(/^\[(.*)\]$/, "$1");
  if (parsed.port === "") return { host };
  const port = Number(parsed.port);
  return port === LLRP_TLS_PORT ? { host, port, tls: true } : { host, port };
}

/** Of the reader itself: what lies under it is the driver's. */
function webAddress(text: string): string {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed === undefined || parsed.href !== `${parsed.origin}/`) throw E.PROBE_TARGET({ target: text });
  return parsed.origin;
}

/** `mqtts://broker/SERIAL`, or `mqtts://broker/TENANT/SERIAL`: whose topics the reader is asked by. */
function atBroker(text: string): ProbeTarget {
  const [, url, tenant, serial] =
    /^(mqtts?:\/\/[^\s/?#@]+)(?:\/([^\s+#?/]{1,80}))?\/([^\s+#?/]{1,80})$/i.exec(text) ?? [];
  if (url === undefined || serial === undefined || !URL.canParse(url)) throw E.PROBE_TARGET({ target: text });
  return { url, serial, ...(tenant === undefined ? {} : { tenant }) };
}

/** Whether nobody on the way can read along. */
export function isEncrypted({ tls = false, url = "" }: ProbeTarget): boolean {
  return tls || /^(https|mqtts):/i.test(url);
}

/** The host that a target is reached at over the network. */
export function hostOf({ host, url, device = "" }: ProbeTarget): string | undefined {
  if (url !== undefined) return new URL(url).hostname;
  return host ?? tcpAddress(device)?.host;
}

const BY_URL = ["impinj-iot", "zebra-iot"];
const SERIAL = ["metratec", "tsl", "alien"];
const LLRP_PORT = 5084;
const LLRP_TLS_PORT = 5085;
const TELNET_PORT = 23;

/** The drivers to try, likeliest first. LLRP comes before those that speak first: there the reader does (LLRP 1.1 §20.1). */
export function candidates({ device, port, url, tls }: ProbeTarget): readonly string[] {
  if (url !== undefined) return [/^mqtt/i.test(url) ? "zebra-iot" : "impinj-iot"];
  if (tls) return ["llrp"];
  if (device !== undefined) return SERIAL;
  if (port === undefined) return ["llrp", "alien"];
  if (port === LLRP_PORT) return ["llrp"];
  if (port === TELNET_PORT) return ["alien", "metratec", "tsl"];
  return ["llrp", ...SERIAL];
}

/** A serial protocol needs a line: a device, or a port of a host; Alien's has one of its own. */
export function reaches(driver: string, target: ProbeTarget): boolean {
  const { device, port, url, tls } = target;
  if (url !== undefined) return candidates(target).includes(driver);
  if (BY_URL.includes(driver)) return false;
  if (tls) return driver === "llrp";
  if (driver === "llrp") return device === undefined;
  return !SERIAL.includes(driver) || driver === "alien" || device !== undefined || port !== undefined;
}
