import type { Point } from "../places/shape.js";

/* From metres on a floor (x east, y north) to pixels on a screen (x right, y down). */

export interface Bounds {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

export interface Projection {
  /** Size of the drawing in pixels. */
  readonly width: number;
  readonly height: number;
  /** Pixels a metre. */
  readonly scale: number;
  /** Turned a quarter to the left, so that east is up: a long floor on an upright screen. */
  readonly turned: boolean;
  project(point: Point): Point;
}

/** Undefined where there is no point. */
export function boundsOf(points: Iterable<Point>): Bounds | undefined {
  let found: { left: number; right: number; bottom: number; top: number } | undefined;
  for (const [x, y] of points) {
    found ??= { left: x, right: x, bottom: y, top: y };
    found.left = Math.min(found.left, x);
    found.right = Math.max(found.right, x);
    found.bottom = Math.min(found.bottom, y);
    found.top = Math.max(found.top, y);
  }
  return found;
}

/**
 * Fits `bounds` into `width` × `maxHeight` pixels with a margin. The drawing is turned where that makes it at least a quarter larger.
 */
export function fitPlan(bounds: Bounds, width: number, maxHeight: number, margin = 10): Projection {
  const east = Math.max(bounds.right - bounds.left, 0.1);
  const north = Math.max(bounds.top - bounds.bottom, 0.1);
  const room = { x: Math.max(width - 2 * margin, 1), y: Math.max(maxHeight - 2 * margin, 1) };
  const upright = Math.min(room.x / east, room.y / north);
  const quarter = Math.min(room.x / north, room.y / east);
  const turned = quarter > upright * 1.25;
  const scale = turned ? quarter : upright;
  const drawn = turned ? { x: north * scale, y: east * scale } : { x: east * scale, y: north * scale };
  const left = (width - drawn.x) / 2;
  return {
    width,
    height: Math.round(drawn.y + 2 * margin),
    scale,
    turned,
    project: ([x, y]) =>
      turned
        ? [left + (bounds.top - y) * scale, margin + (bounds.right - x) * scale]
        : [left + (x - bounds.left) * scale, margin + (bounds.top - y) * scale],
  };
}

/** `points` attribute of a polygon. */
export function polygonPoints(outline: readonly Point[]): string {
  return outline.map(([x, y]) => `${round(x)},${round(y)}`).join(" ");
}

/** Whether a point lies inside a polygon (even-odd rule). */
export function inside([x, y]: Point, outline: readonly Point[]): boolean {
  let within = false;
  outline.forEach(([x0, y0], i) => {
    const [x1, y1] = outline[(i + 1) % outline.length] ?? [x0, y0];
    if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) within = !within;
  });
  return within;
}

const round = (n: number) => Math.round(n * 10) / 10;
