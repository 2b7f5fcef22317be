import { hash32, normalAt, uniformAt } from "../random.js";
import { type Material, RADIO } from "./parameters.js";
import type { RadioTag } from "./scene.js";

/** What a tag is like for life: drawn from the seed and its EPC, so that the same hospital has the same bad tags. */
export function tagTraits(
  seed: number,
  epc: string,
  material: Material,
): Pick<RadioTag, "sensitivity" | "materialLoss" | "dead"> {
  const own = hash32(seed, "tag", epc);
  const { mean, deviation } = RADIO.materials[material];
  const fault = uniformAt(own, 1);
  const { share, detuning } = RADIO.faulty;
  const detuned = fault >= share / 2 && fault < share;
  return {
    sensitivity:
      RADIO.tag.sensitivity.mean + RADIO.tag.sensitivity.deviation * normalAt(own, 2) + (detuned ? detuning : 0),
    materialLoss: Math.max(0, mean + deviation * normalAt(own, 3)),
    dead: fault < share / 2,
  };
}

/** Dead, or detuned. */
export function isFaulty({ dead, sensitivity }: Pick<RadioTag, "dead" | "sensitivity">): boolean {
  return dead || sensitivity > RADIO.tag.sensitivity.mean + RADIO.faulty.detuning / 2;
}
