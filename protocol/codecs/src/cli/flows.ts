import type { Packet } from "./capture.js";
import { type Segment, segmentOf } from "./tcp.js";

/** One direction of one TCP connection. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly fromPort: number;
  readonly toPort: number;
  /** Whether the capture has the beginning of the connection. */
  readonly begun: boolean;
  /** In the order of the stream, without what was sent twice. */
  readonly pieces: readonly Piece[];
}

export interface Piece {
  readonly payload: Uint8Array;
  /** Bytes before it that the capture does not have. */
  readonly missing: number;
  /** When it was captured, in microseconds since 1970, and as which packet. */
  readonly time: number;
  readonly packet: number;
}

interface Placed {
  /** From the first byte of the stream that was seen. */
  readonly offset: number;
  readonly payload: Uint8Array;
  readonly time: number;
  readonly packet: number;
}

interface Draft {
  readonly first: Segment;
  readonly placed: Placed[];
  /** Sequence number and offset of the newest byte, from which the next is counted: numbers wrap at 2^32. */
  sequence: number;
  offset: number;
}

/** Puts the TCP streams of a capture together, each direction for itself. */
export function flowsOf(packets: Iterable<Packet>, complain: (what: string) => void): Flow[] {
  const drafts: Draft[] = [];
  const current = new Map<string, Draft>();
  const complaints = new Map<string, number>();
  let number = 0;
  for (const packet of packets) {
    number++;
    const segment = segmentOf(packet);
    if (typeof segment === "string") complaints.set(segment, (complaints.get(segment) ?? 0) + 1);
    if (typeof segment !== "object") continue;
    const key = `${segment.from} ${segment.to}`;
    let draft = current.get(key);
    if (draft === undefined || (segment.syn && isOther(draft, segment))) {
      draft = begin(segment);
      current.set(key, draft);
      drafts.push(draft);
    }
    place(draft, segment, packet.time, number);
  }
  for (const [what, count] of complaints) complain(`${what} (${count} of ${number} packets)`);
  return drafts.map(({ first, placed }) => {
    const { from, to, fromPort, toPort } = first;
    return { from, to, fromPort, toPort, begun: first.syn, pieces: inOrder(placed) };
  });
}

function begin(first: Segment): Draft {
  // A SYN takes a number of its own.
  const sequence = first.syn ? (first.sequence + 1) >>> 0 : first.sequence;
  return { first, placed: [], sequence, offset: 0 };
}

/** A SYN of another number begins another connection between the same ports. */
function isOther(draft: Draft, segment: Segment): boolean {
  return !draft.first.syn || draft.first.sequence !== segment.sequence;
}

function place(draft: Draft, { payload, sequence, syn }: Segment, time: number, packet: number): void {
  if (payload.length === 0) return;
  const start = syn ? sequence + 1 : sequence;
  const offset = draft.offset + ((start - draft.sequence) | 0);
  draft.placed.push({ offset, payload, time, packet });
  draft.sequence = start >>> 0;
  draft.offset = offset;
}

function inOrder(placed: readonly Placed[]): Piece[] {
  const pieces: Piece[] = [];
  const sorted = [...placed].sort((a, b) => a.offset - b.offset || a.packet - b.packet);
  let end = sorted[0]?.offset ?? 0;
  // What completes a message was captured last, whatever its place.
  let latest = { time: 0, packet: 0 };
  for (const { offset, payload, time, packet } of sorted) {
    const missing = Math.max(0, offset - end);
    const known = Math.max(0, end - offset);
    if (known >= payload.length) continue;
    if (packet > latest.packet) latest = { time, packet };
    pieces.push({ payload: payload.subarray(known), missing, ...latest });
    end = offset + payload.length;
  }
  return pieces;
}
