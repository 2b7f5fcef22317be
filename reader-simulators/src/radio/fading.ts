import { normalAt, uniformAt } from "../random.js";
import { RADIO } from "./parameters.js";
import type { Vec3 } from "./vector.js";

/** Standing waves at a place, unit variance: smooth, another every half wavelength, the same again at the same place. */
export function standingWaves(seed: number, antenna: number, [x, y, z]: Vec3): number {
  const spacing = RADIO.wavelength / 2;
  const [cx, fx] = cell(x / spacing);
  const [cy, fy] = cell(y / spacing);
  const [cz, fz] = cell(z / spacing);
  let sum = 0;
  let squares = 0;
  for (let corner = 0; corner < 8; corner++) {
    const [i, j, k] = [corner & 1, (corner >> 1) & 1, corner >> 2];
    const weight = (i ? fx : 1 - fx) * (j ? fy : 1 - fy) * (k ? fz : 1 - fz);
    sum += weight * normalAt(seed, antenna, cx + i, cy + j, cz + k);
    squares += weight * weight;
  }
  return sum / Math.sqrt(squares);
}

function cell(value: number): [number, number] {
  const floor = Math.floor(value);
  return [floor, value - floor];
}

/** What a link remembers between two turns of its antenna. */
export interface LinkMemory {
  at: number;
  /** Slow fading, unit variance. */
  slow: number;
  bad: boolean;
}

/** A link on which nobody has looked yet. */
export function freshMemory(seed: number, antenna: number, tag: number, at: number): LinkMemory {
  const { goodMs, badMs } = RADIO.bursts;
  return {
    at,
    slow: normalAt(seed, antenna, tag, at, 1),
    bad: uniformAt(seed, antenna, tag, at, 2) < badMs / (goodMs + badMs),
  };
}

/** Takes a link to a later moment: a Gauss–Markov process and a Markov chain of two states in continuous time. */
export function age(memory: LinkMemory, seed: number, antenna: number, tag: number, at: number): void {
  const passed = Math.max(0, at - memory.at);
  const { goodMs, badMs } = RADIO.bursts;
  const kept = Math.exp(-passed / RADIO.fading.timeConstant);
  memory.slow = kept * memory.slow + Math.sqrt(1 - kept * kept) * normalAt(seed, antenna, tag, at, 1);
  const often = badMs / (goodMs + badMs);
  const stays = Math.exp(-passed * (1 / goodMs + 1 / badMs));
  const bad = often + stays * ((memory.bad ? 1 : 0) - often);
  memory.bad = uniformAt(seed, antenna, tag, at, 2) < bad;
  memory.at = at;
}
