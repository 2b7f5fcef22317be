import type { Random } from "../random.js";
import type { Pacing } from "./toxics.js";

/** Bytes, and the moment (mono ms) at which they go on. */
export interface Piece {
  readonly bytes: Buffer;
  readonly due: number;
}

/** With a bandwidth, a piece is what passes in about this time, so that it is a trickle and not bursts. */
const TRICKLE_MS = 20;

/** When the bytes of one direction of one connection go on. They are never changed and never overtake each other. */
export class Pacer {
  readonly #random: Random;
  /** The line is busy until then (bandwidth). */
  #busyUntil = 0;
  /** The last piece has been cut off by then (slicer). */
  #cutAt = 0;
  #lastDue = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  plan(chunk: Buffer, now: number, toxics: readonly Pacing[]): Piece[] {
    return this.#cut(chunk, toxics).map((bytes) => {
      this.#lastDue = Math.max(this.#lastDue, this.#due(bytes.length, now, toxics));
      return { bytes, due: this.#lastDue };
    });
  }

  /** What was planned is to be planned again: it is no longer in the way. */
  forget(): void {
    this.#busyUntil = 0;
    this.#cutAt = 0;
    this.#lastDue = 0;
  }

  #cut(chunk: Buffer, toxics: readonly Pacing[]): Buffer[] {
    const pieces: Buffer[] = [];
    for (let at = 0; at < chunk.length; ) {
      const size = Math.min(...toxics.map((toxic) => this.#size(toxic)), chunk.length - at);
      pieces.push(chunk.subarray(at, at + size));
      at += size;
    }
    return pieces;
  }

  #size(toxic: Pacing): number {
    if (toxic.kind === "slicer") return this.#random.integer(1, toxic.bytes);
    if (toxic.kind === "bandwidth") return Math.max(1, Math.floor((toxic.bytesPerSecond * TRICKLE_MS) / 1_000));
    return Infinity;
  }

  #due(length: number, now: number, toxics: readonly Pacing[]): number {
    let due = now;
    for (const toxic of toxics) {
      if (toxic.kind !== "slicer") continue;
      due = Math.max(due, this.#cutAt);
      this.#cutAt = due + (toxic.pauseMs ?? 0);
    }
    for (const toxic of toxics) {
      if (toxic.kind !== "bandwidth") continue;
      due = Math.max(due, this.#busyUntil) + (length / toxic.bytesPerSecond) * 1_000;
      this.#busyUntil = due;
    }
    for (const toxic of toxics)
      if (toxic.kind === "latency") due += toxic.ms + this.#random.between(0, toxic.jitterMs ?? 0);
    return due;
  }
}
