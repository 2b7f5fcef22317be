import type { Point } from "../places/shape.js";
import { boundsOf, inside } from "./geometry.js";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A place's name cut into lines, with the size it takes on the screen. */
export interface LabelForm {
  readonly lines: readonly string[];
  readonly width: number;
  readonly height: number;
}

const CHARACTER = 0.56;
const LINE = 1.25;

/**
 * The ways to write a name, best first: on one line, on two, on three, then shortened; each with a line of `extra` (the count)
 * underneath. Widths are estimates: an em of a system font is a little over half as wide as it is high.
 */
export function labelForms(name: string, extra: string, fontSize: number): LabelForm[] {
  const words = name.split(/\s+/).filter((word) => word !== "");
  const forms = [1, 2, 3]
    .filter((count) => count <= words.length)
    .map((count) => breakWords(words, count))
    .concat(words.length > 1 ? [[initials(words)]] : []);
  return forms.map((lines) => ({
    lines,
    width: Math.max(...lines.concat(extra).map((line) => line.length)) * fontSize * CHARACTER,
    height: (lines.length + (extra === "" ? 0 : 1.15)) * fontSize * LINE,
  }));
}

/** Words on `count` lines with the longest line as short as it gets. */
function breakWords(words: readonly string[], count: number): string[] {
  if (count <= 1) return [words.join(" ")];
  let best: string[] | undefined;
  for (let cut = 1; cut <= words.length - count + 1; cut++) {
    const lines = [words.slice(0, cut).join(" "), ...breakWords(words.slice(cut), count - 1)];
    if (best === undefined || longest(lines) < longest(best)) best = lines;
  }
  return best ?? [words.join(" ")];
}

const longest = (lines: readonly string[]) => Math.max(...lines.map((line) => line.length));

/** "Operating room 1" → "OR 1"; "Storeroom A" → "S A". */
function initials(words: readonly string[]): string {
  const short = words.map((word) => (/^[A-Z0-9]{1,2}$/.test(word) ? ` ${word}` : (word[0] ?? "").toUpperCase()));
  return short.join("").trim();
}

/**
 * The middle of a free spot for a box of this size inside the outline, off the obstacles and as near to the outline's middle as can be;
 * undefined where it fits nowhere.
 */
export function findSpot(
  outline: readonly Point[],
  obstacles: readonly Box[],
  size: { width: number; height: number },
): Point | undefined {
  const bounds = boundsOf(outline);
  if (bounds === undefined) return undefined;
  const middle: Point = [(bounds.left + bounds.right) / 2, (bounds.bottom + bounds.top) / 2];
  const steps = 24;
  let best: { at: Point; far: number } | undefined;
  for (let i = 0; i <= steps; i++)
    for (let j = 0; j <= steps; j++) {
      const at: Point = [
        bounds.left + ((bounds.right - bounds.left) * i) / steps,
        bounds.bottom + ((bounds.top - bounds.bottom) * j) / steps,
      ];
      const far = (at[0] - middle[0]) ** 2 + (at[1] - middle[1]) ** 2;
      if (best !== undefined && far >= best.far) continue;
      if (fits(at, size, outline, obstacles)) best = { at, far };
    }
  return best?.at;
}

function fits(
  [x, y]: Point,
  { width, height }: { width: number; height: number },
  outline: readonly Point[],
  obstacles: readonly Box[],
): boolean {
  const box: Box = { x: x - width / 2, y: y - height / 2, width, height };
  if (obstacles.some((other) => overlap(box, other))) return false;
  // Corners and the middles of the sides: outlines of rooms have few corners, so a bay that pokes in between is rare.
  return [0, 0.5, 1].every((u) => [0, 0.5, 1].every((v) => inside([box.x + width * u, box.y + height * v], outline)));
}

export function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
