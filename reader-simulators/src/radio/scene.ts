import type { AntennaUse } from "./parameters.js";
import type { Vec3 } from "./vector.js";

/** A tag and what it is fixed to. */
export interface RadioTag {
  /** Tells tags apart; the same tag keeps it. */
  readonly id: number;
  /** Upper-case hex. */
  readonly epc: string;
  /** Wake-up power of this chip, dBm. */
  readonly sensitivity: number;
  /** What the thing it is fixed to costs, dB. */
  readonly materialLoss: number;
  readonly dead: boolean;
  /** Where it is now. */
  position: Vec3;
  /** The dipole's axis now; of any length. */
  axis: Vec3;
  /** The shelf board it stands on, if any. */
  board: string | undefined;
}

export interface RadioAntenna {
  /** Tells antennas apart, over all readers. */
  readonly id: number;
  readonly use: AntennaUse;
  readonly position: Vec3;
  readonly facing: Vec3;
  /** The board that it is under, for a shelf. */
  readonly board: string | undefined;
}

/** A person stands here: a vertical cylinder. */
export interface Body {
  readonly x: number;
  readonly y: number;
}

/** Straight, seen from above; doors are gaps between walls. */
export interface Wall {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}

export interface Scene {
  readonly tags: readonly RadioTag[];
  readonly bodies: readonly Body[];
  readonly walls: readonly Wall[];
}
