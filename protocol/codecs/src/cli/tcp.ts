import type { Packet } from "./capture.js";

/** What one packet carries of a TCP stream. */
export interface Segment {
  /** "10.0.0.1:5084", "[fe80::1]:5084". */
  readonly from: string;
  readonly to: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly sequence: number;
  readonly syn: boolean;
  readonly payload: Uint8Array;
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const TCP = 6;

/** The TCP segment of a packet; undefined for another protocol, or the reason why it cannot be read. */
export function segmentOf({ linkType, bytes }: Packet): Segment | string | undefined {
  const link = networkOf(linkType, bytes);
  if (typeof link !== "object") return link;
  const { protocol, at } = link;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (protocol === IPV4 && at + 20 <= bytes.length) return ofIpv4(view, at);
  if (protocol === IPV6 && at + 40 <= bytes.length) return ofIpv6(view, at);
  return undefined;
}

/** Where the network's packet begins in that of the link, and which it is. */
function networkOf(linkType: number, bytes: Uint8Array): { protocol: number; at: number } | string | undefined {
  const word = (at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  const byVersion = (at: number) => ({ protocol: (bytes[at] ?? 0) >> 4 === 6 ? IPV6 : IPV4, at });
  switch (linkType) {
    case 0: // BSD loopback
    case 108: // OpenBSD loopback
      return byVersion(4);
    case 1: {
      // Ethernet, with any number of VLAN tags.
      let at = 12;
      while (word(at) === 0x8100 || word(at) === 0x88a8) at += 4;
      return { protocol: word(at), at: at + 2 };
    }
    case 12: // raw IP, as some systems number it
    case 14:
    case 101: // raw IP
    case 228: // raw IPv4
    case 229: // raw IPv6
      return byVersion(0);
    case 113: // Linux "any" device
      return { protocol: word(14), at: 16 };
    case 276: // the same, version 2
      return { protocol: word(0), at: 20 };
    default:
      return `packets of link type ${linkType} cannot be read`;
  }
}

function ofIpv4(view: DataView, at: number): Segment | string | undefined {
  if (view.getUint8(at) >> 4 !== 4 || view.getUint8(at + 9) !== TCP) return undefined;
  if ((view.getUint16(at + 6) & 0x3fff) !== 0) return "fragments of IP packets cannot be read";
  // A network card that cuts packets itself leaves the length 0.
  const total = view.getUint16(at + 2) || view.byteLength - at;
  const address = (from: number) => [0, 1, 2, 3].map((i) => view.getUint8(from + i)).join(".");
  const header = (view.getUint8(at) & 15) * 4;
  return ofTcp(view, at + header, at + total, address(at + 12), address(at + 16));
}

function ofIpv6(view: DataView, at: number): Segment | string | undefined {
  if (view.getUint8(at) >> 4 !== 6) return undefined;
  const end = view.getUint16(at + 4) === 0 ? view.byteLength : at + 40 + view.getUint16(at + 4);
  let next = view.getUint8(at + 6);
  let start = at + 40;
  // Hop-by-hop, routing and destination options.
  while ([0, 43, 60].includes(next) && start + 8 <= view.byteLength) {
    next = view.getUint8(start);
    start += (view.getUint8(start + 1) + 1) * 8;
  }
  if (next === 44) return "fragments of IP packets cannot be read";
  return next === TCP ? ofTcp(view, start, end, ipv6(view, at + 8), ipv6(view, at + 24)) : undefined;
}

/** Eight groups, of which the longest run of zeros is left out (RFC 5952). */
function ipv6(view: DataView, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(at + i * 2).toString(16)).join(":");
  const runs = [...groups.matchAll(/(?<![\da-f])0(?::0(?![\da-f]))+/g)];
  const [longest] = runs.sort((a, b) => b[0].length - a[0].length);
  if (longest === undefined) return `[${groups}]`;
  const before = groups.slice(0, longest.index).replace(/:$/, "");
  const after = groups.slice(longest.index + longest[0].length).replace(/^:/, "");
  return `[${before}::${after}]`;
}

function ofTcp(view: DataView, at: number, end: number, from: string, to: string): Segment | undefined {
  if (at + 20 > view.byteLength) return undefined;
  const [fromPort, toPort] = [view.getUint16(at), view.getUint16(at + 2)];
  const start = at + (view.getUint8(at + 12) >> 4) * 4;
  const syn = (view.getUint8(at + 13) & 2) !== 0;
  const [first, last] = [Math.min(start, view.byteLength), Math.min(end, view.byteLength)];
  return {
    from: `${from}:${fromPort}`,
    to: `${to}:${toPort}`,
    fromPort,
    toPort,
    sequence: view.getUint32(at + 4),
    syn,
    payload: new Uint8Array(view.buffer, view.byteOffset + first, Math.max(0, last - first)),
  };
}
