/** One packet of a capture file, as it was on the wire of its link. */
export interface Packet {
  /** Microseconds since 1970; 0 where the file does not say. */
  readonly time: number;
  /** What the packet begins with: the registered numbers of libpcap's link types. */
  readonly linkType: number;
  readonly bytes: Uint8Array;
}

const PCAP_MICROS = 0xa1b2c3d4;
const PCAP_NANOS = 0xa1b23c4d;
const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether these bytes are a capture file: by its first four. */
export function isCapture(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const [big, little] = [viewOf(bytes).getUint32(0), viewOf(bytes).getUint32(0, true)];
  return [big, little].some((magic) => [PCAP_MICROS, PCAP_NANOS, SECTION_HEADER].includes(magic));
}

/** The packets of a pcap or pcapng file in their order; tells `complain` where the file is cut off or broken. */
export function packetsOf(bytes: Uint8Array, complain: (what: string) => void): Generator<Packet> {
  return viewOf(bytes).getUint32(0) === SECTION_HEADER ? ofPcapng(bytes, complain) : ofPcap(bytes, complain);
}

function* ofPcap(bytes: Uint8Array, complain: (what: string) => void): Generator<Packet> {
  const view = viewOf(bytes);
  if (bytes.length < 24) return complain("the capture ends inside its header");
  const little = [PCAP_MICROS, PCAP_NANOS].includes(view.getUint32(0, true));
  const perMicro = view.getUint32(0, little) === PCAP_NANOS ? 1000 : 1;
  const linkType = view.getUint32(20, little) & 0xffff;
  let at = 24;
  while (at + 16 <= bytes.length) {
    const time = view.getUint32(at, little) * 1e6 + Math.floor(view.getUint32(at + 4, little) / perMicro);
    const end = at + 16 + view.getUint32(at + 8, little);
    if (end > bytes.length) break;
    yield { time, linkType, bytes: bytes.subarray(at + 16, end) };
    at = end;
  }
  if (at < bytes.length) complain(`the capture ends inside a packet: ${bytes.length - at} bytes are left over`);
}

interface Interface {
  readonly linkType: number;
  /** Units of its timestamps in a microsecond. */
  readonly perMicro: number;
}

function* ofPcapng(bytes: Uint8Array, complain: (what: string) => void): Generator<Packet> {
  const view = viewOf(bytes);
  let little = false;
  let interfaces: Interface[] = [];
  let at = 0;
  while (at + 12 <= bytes.length) {
    if (view.getUint32(at) === SECTION_HEADER) {
      little = view.getUint32(at + 8, true) === BYTE_ORDER;
      interfaces = [];
    }
    const type = view.getUint32(at, little);
    const length = view.getUint32(at + 4, little);
    if (length < 12 || length % 4 !== 0 || at + length > bytes.length) break;
    const body = bytes.subarray(at + 8, at + length - 4);
    if (type === INTERFACE && body.length >= 8) interfaces.push(interfaceOf(body, little));
    const packet = packetOf(type, body, little, interfaces);
    if (packet !== undefined) yield packet;
    at += length;
  }
  if (at < bytes.length) complain(`the capture is broken off or broken at byte ${at}`);
}

function interfaceOf(body: Uint8Array, little: boolean): Interface {
  const view = viewOf(body);
  const linkType = view.getUint16(0, little);
  let at = 8;
  while (at + 4 <= body.length) {
    const code = view.getUint16(at, little);
    const length = view.getUint16(at + 2, little);
    // if_tsresol: a power of ten, or of two where its top bit is set.
    if (code === 9 && length === 1 && at + 5 <= body.length) {
      const value = view.getUint8(at + 4);
      const perSecond = value < 0x80 ? 10 ** value : 2 ** (value & 0x7f);
      return { linkType, perMicro: perSecond / 1e6 };
    }
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return { linkType, perMicro: 1 };
}

function packetOf(
  type: number,
  body: Uint8Array,
  little: boolean,
  interfaces: readonly Interface[],
): Packet | undefined {
  const view = viewOf(body);
  if (type === SIMPLE_PACKET && body.length >= 4) {
    const linkType = interfaces[0]?.linkType ?? -1;
    return { time: 0, linkType, bytes: body.subarray(4, 4 + view.getUint32(0, little)) };
  }
  if (type !== ENHANCED_PACKET || body.length < 20) return undefined;
  const from = interfaces[view.getUint32(0, little)];
  if (from === undefined) return undefined;
  const units = view.getUint32(4, little) * 2 ** 32 + view.getUint32(8, little);
  const bytes = body.subarray(20, 20 + view.getUint32(12, little));
  return { time: Math.floor(units / from.perMicro), linkType: from.linkType, bytes };
}
