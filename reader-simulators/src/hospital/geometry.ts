/** Metres, seen from above. */
export type Point = readonly [x: number, y: number];
export type Segment = readonly [from: Point, to: Point];

export function apart(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

export function edgesOf(outline: readonly Point[]): Segment[] {
  return outline.map((from, index) => [from, outline[(index + 1) % outline.length] ?? from]);
}

export function contains(outline: readonly Point[], [x, y]: Point): boolean {
  let inside = false;
  for (const [[ax, ay], [bx, by]] of edgesOf(outline)) {
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

export function distanceToSegment([x, y]: Point, [[ax, ay], [bx, by]]: Segment): number {
  const dx = bx - ax;
  const dy = by - ay;
  const squared = dx * dx + dy * dy;
  const t = squared === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / squared));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

export function centreOf(outline: readonly Point[]): Point {
  const [left, right, low, high] = boundsOf(outline);
  return [(left + right) / 2, (low + high) / 2];
}

/** Left, right, low, high. */
export function boundsOf(outline: readonly Point[]): [number, number, number, number] {
  const xs = outline.map((point) => point[0]);
  const ys = outline.map((point) => point[1]);
  return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
}

/** The line a segment lies on: unit direction (the same for both senses), and the line's distance from the origin. */
export interface Line {
  readonly direction: Point;
  readonly offset: number;
}

export function lineOf([[ax, ay], [bx, by]]: Segment): Line {
  const length = Math.hypot(bx - ax, by - ay) || 1;
  let dx = (bx - ax) / length;
  let dy = (by - ay) / length;
  if (dx < -1e-9 || (Math.abs(dx) <= 1e-9 && dy < 0)) [dx, dy] = [-dx, -dy];
  return { direction: [dx, dy], offset: ax * dy - ay * dx };
}

export function sameLine(a: Line, b: Line): boolean {
  const turn = a.direction[0] * b.direction[1] - a.direction[1] * b.direction[0];
  return Math.abs(turn) < 0.01 && Math.abs(a.offset - b.offset) < 0.05;
}

/** Where on a line a point is. */
export function along({ direction: [dx, dy] }: Line, [x, y]: Point): number {
  return x * dx + y * dy;
}

export function pointAt({ direction: [dx, dy], offset }: Line, at: number): Point {
  return [at * dx + offset * dy, at * dy - offset * dx];
}
