export type Point = readonly [number, number];

/** A JSON pair as a point; missing numbers are 0 (the schema rules them out). */
export function asPoint(pair: readonly number[]): Point {
  return [pair[0] ?? 0, pair[1] ?? 0];
}

/** Centre of area of a simple polygon; the mean of its corners where it has no area. */
export function centroid(outline: readonly Point[]): Point {
  let area = 0;
  let x = 0;
  let y = 0;
  outline.forEach(([x0, y0], i) => {
    const [x1, y1] = outline[(i + 1) % outline.length] ?? [x0, y0];
    const cross = x0 * y1 - x1 * y0;
    area += cross;
    x += (x0 + x1) * cross;
    y += (y0 + y1) * cross;
  });
  if (Math.abs(area) > 1e-9) return [x / (3 * area), y / (3 * area)];
  const n = Math.max(1, outline.length);
  return [outline.reduce((sum, p) => sum + p[0], 0) / n, outline.reduce((sum, p) => sum + p[1], 0) / n];
}

/** Area of a simple polygon. */
export function areaOf(outline: readonly Point[]): number {
  let sum = 0;
  outline.forEach(([x0, y0], i) => {
    const [x1, y1] = outline[(i + 1) % outline.length] ?? [x0, y0];
    sum += x0 * y1 - x1 * y0;
  });
  return Math.abs(sum / 2);
}
