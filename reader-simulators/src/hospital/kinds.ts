import type { Material } from "../radio/parameters.js";

/** How things of a kind are made and moved. */
export interface KindTraits {
  readonly material: Material;
  /** Height of the tag while moved, metres. */
  readonly height: number;
  /** How far before the person it is held or pushed, metres. */
  readonly ahead: number;
  /** Factor on a person's pace. */
  readonly pace: number;
  /** How many go at once. */
  readonly together: number;
  /** Whether it stands on the floor, or lies on shelves. */
  readonly wheeled: boolean;
}

const stock = { height: 1.05, ahead: 0.35, pace: 1, together: 3, wheeled: false } as const;

const traits: Readonly<Record<string, KindTraits>> = {
  "ppe case": { ...stock, material: "cardboard" },
  "medicine tray": { ...stock, material: "liquid" },
  implant: { ...stock, material: "metal" },
  "infusion pump": { material: "onMetal", height: 1.1, ahead: 0.5, pace: 0.95, together: 1, wheeled: true },
  wheelchair: { material: "onMetal", height: 0.55, ahead: 0.7, pace: 0.85, together: 1, wheeled: true },
};

/** Kinds that are not known are plastic things that one carries. */
export function kindTraits(kind: string): KindTraits {
  return traits[kind.toLowerCase()] ?? { ...stock, material: "plastic" };
}
