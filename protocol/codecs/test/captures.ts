/** A TCP segment to put into a capture. */
export interface Sent {
  readonly from: "client" | "reader";
  /** Bytes of the stream before this segment. */
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly syn?: boolean;
}

const PORTS = { client: 40_000, reader: 5084 };
/** Near the end of the numbers, so that every test wraps. */
const FIRST_SEQUENCE = { client: 0xffff_fff0, reader: 0xffff_ff00 };

export type Link = "ethernet" | "vlan" | "raw" | "sll" | "sll2" | "loopback";

const LINK_TYPES: Readonly<Record<Link, number>> = { ethernet: 1, vlan: 1, raw: 101, sll: 113, sll2: 276, loopback: 0 };

function headerOf(link: Link, ip: 4 | 6): Buffer {
  const type = ip === 4 ? "0800" : "86dd";
  const hex = {
    ethernet: `0200000000010200000000 02${type}`,
    vlan: `0200000000010200000000 028100000a${type}`,
    raw: "",
    sll: `00000001000602000000000100 00${type}`,
    sll2: `${type}0000000000010001000602000000000100 00`,
    loopback: "02000000",
  }[link];
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

function packetOf({ from, at, bytes, syn = false }: Sent, link: Link, ip: 4 | 6): Buffer {
  const to = from === "client" ? "reader" : "client";
  const tcp = Buffer.alloc(20);
  tcp.writeUInt16BE(PORTS[from], 0);
  tcp.writeUInt16BE(PORTS[to], 2);
  // The SYN has the first number, the first byte the next.
  tcp.writeUInt32BE((FIRST_SEQUENCE[from] + (syn ? 0 : 1) + at) >>> 0, 4);
  tcp.writeUInt16BE(syn ? 0x5002 : 0x5018, 12);
  tcp.writeUInt16BE(0xffff, 14);
  const payload = Buffer.concat([tcp, bytes]);
  const padding = link === "ethernet" ? Buffer.alloc(Math.max(0, 6 - bytes.length)) : Buffer.alloc(0);
  return Buffer.concat([headerOf(link, ip), ip === 4 ? ipv4(payload, from) : ipv6(payload, from), padding]);
}

function ipv4(payload: Buffer, from: "client" | "reader"): Buffer {
  const header = Buffer.from("45000000000000004006000000000000 00000000".replace(" ", ""), "hex");
  header.writeUInt16BE(header.length + payload.length, 2);
  header.writeUInt32BE(from === "client" ? 0x0a000001 : 0x0a000002, 12);
  header.writeUInt32BE(from === "client" ? 0x0a000002 : 0x0a000001, 16);
  return Buffer.concat([header, payload]);
}

function ipv6(payload: Buffer, from: "client" | "reader"): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(payload.length, 4);
  header.writeUInt8(6, 6);
  for (const [at, one] of [8, 24].entries()) {
    header.writeUInt16BE(0xfe80, one);
    header.writeUInt16BE((from === "client") === (at === 0) ? 1 : 2, one + 14);
  }
  return Buffer.concat([header, payload]);
}

interface Options {
  readonly link?: Link;
  readonly ip?: 4 | 6;
  readonly big?: boolean;
  readonly nanos?: boolean;
}

const SECONDS = 1_800_000_000;

function u32(big: boolean, ...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) {
    if (big) buffer.writeUInt32BE(value, i * 4);
    else buffer.writeUInt32LE(value, i * 4);
  }
  return buffer;
}

/** A capture file of libpcap; packet n is sent n seconds and 1 microsecond later. */
export function pcapOf(sent: readonly Sent[], options: Options = {}): Uint8Array {
  const { link = "ethernet", ip = 4, big = false, nanos = false } = options;
  const magic = nanos ? 0xa1b23c4d : 0xa1b2c3d4;
  const parts = [u32(big, magic, big ? 0x0002_0004 : 0x0004_0002, 0, 0, 65_535, LINK_TYPES[link])];
  for (const [index, one] of sent.entries()) {
    const packet = packetOf(one, link, ip);
    parts.push(u32(big, SECONDS + index, nanos ? 1000 : 1, packet.length, packet.length), packet);
  }
  return Buffer.concat(parts);
}

/** The same as pcapng, with times in `resolution` (if_tsresol). */
export function pcapngOf(sent: readonly Sent[], options: Options & { readonly resolution?: number } = {}): Uint8Array {
  const { link = "ethernet", ip = 4, big = false, resolution } = options;
  const block = (type: number, body: Buffer) => {
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
    return Buffer.concat([u32(big, type, padded.length + 12), padded, u32(big, padded.length + 12)]);
  };
  const tsresol = big ? "00090001" : "09000100";
  const option = resolution === undefined ? "" : `${tsresol}${resolution.toString(16).padStart(2, "0")}000000`;
  const linkType = big ? LINK_TYPES[link] << 16 : LINK_TYPES[link];
  const units = resolution === undefined ? 1e6 : resolution < 0x80 ? 10 ** resolution : 2 ** (resolution & 0x7f);
  const parts = [
    block(0x0a0d0d0a, u32(big, 0x1a2b3c4d, big ? 0x0001_0000 : 1, 0xffff_ffff, 0xffff_ffff)),
    block(1, Buffer.concat([u32(big, linkType, 0), Buffer.from(option, "hex")])),
    block(5, u32(big, 0, 0, 0)),
  ];
  for (const [index, one] of sent.entries()) {
    const packet = packetOf(one, link, ip);
    const time = (SECONDS + index) * units + Math.ceil(units / 1e6);
    const head = u32(big, 0, Math.floor(time / 2 ** 32), time % 2 ** 32, packet.length, packet.length);
    parts.push(block(6, Buffer.concat([head, packet])));
  }
  return Buffer.concat(parts);
}
