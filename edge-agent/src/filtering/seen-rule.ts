import type { StrengthSum } from "./strength.js";

/* journals.md: on a change of 3 dB or of 0.2 in the read rate, at least 60 s apart, at least hourly. */
const APART_MS = 60_000;
const ANYWAY_MS = 3_600_000;
const CHANGE_DB = 3;
const CHANGE_RATE = 0.2;
/** With fewer rounds a change is chance. */
const MIN_ROUNDS = 20;

/** Whether it is not yet worth a judgement, whatever was told. */
export function isTooSoon(sum: StrengthSum, now: number): boolean {
  return now - sum.from < APART_MS || sum.rounds < MIN_ROUNDS;
}

/** Decides when a presence that goes on is worth a row. */
export class SeenRule {
  #toldAt: number;
  #rate: number;
  #rssi: number | undefined;

  constructor(now: number, told: { readonly rate: number; readonly rssi?: number | undefined }) {
    this.#toldAt = now;
    this.#rate = told.rate;
    this.#rssi = told.rssi;
  }

  /** `tell`: make a row of this sum; `over`: nothing changed, begin a new sum; undefined: go on adding. */
  judge(sum: StrengthSum, now: number): "tell" | "over" | undefined {
    if (isTooSoon(sum, now)) return undefined;
    const rssi = sum.rssiMean;
    if (rssi === undefined) return "over";
    const changed =
      Math.abs(sum.rate - this.#rate) >= CHANGE_RATE ||
      this.#rssi === undefined ||
      Math.abs(rssi - this.#rssi) >= CHANGE_DB;
    return changed || now - this.#toldAt >= ANYWAY_MS ? "tell" : "over";
  }

  told(sum: StrengthSum, now: number): void {
    this.#toldAt = now;
    this.#rate = sum.rate;
    this.#rssi = sum.rssiMean;
  }
}
