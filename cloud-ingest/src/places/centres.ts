type Point = readonly [number, number];

interface Shaped {
  readonly id: string;
  readonly parentId: string | null;
  readonly outline: readonly Point[] | null;
  readonly position: Point | null;
}

/**
 * The middle of every place, metres: its position, else the centroid of its outline, else the mean of what stands in it, else its
 * parent's. Places are given parents first. A place of which nothing is known is missing.
 */
export function centresOf(places: readonly Shaped[]): Map<string, Point> {
  const centres = new Map<string, Point>();
  const inside = new Map<string, Point[]>();
  for (const place of places.toReversed()) {
    const centre = ownCentre(place) ?? mean(inside.get(place.id) ?? []);
    if (centre === undefined) continue;
    centres.set(place.id, centre);
    if (place.parentId !== null) inside.set(place.parentId, [...(inside.get(place.parentId) ?? []), centre]);
  }
  for (const { id, parentId } of places) {
    const above = parentId === null ? undefined : centres.get(parentId);
    if (!centres.has(id) && above !== undefined) centres.set(id, above);
  }
  return centres;
}

/** Where a place is by its own description, metres. */
export function ownCentre({ position, outline }: Pick<Shaped, "position" | "outline">): Point | undefined {
  return position ?? (outline === null ? undefined : centroid(outline));
}

/** Of the area; of the corners where they enclose none. */
function centroid(outline: readonly Point[]): Point | undefined {
  let area = 0;
  let x = 0;
  let y = 0;
  outline.forEach(([x1, y1], i) => {
    const [x2, y2] = outline[(i + 1) % outline.length] ?? [x1, y1];
    const cross = x1 * y2 - x2 * y1;
    area += cross;
    x += (x1 + x2) * cross;
    y += (y1 + y2) * cross;
  });
  return Math.abs(area) < 1e-9 ? mean(outline) : [x / (3 * area), y / (3 * area)];
}

function mean(points: readonly Point[]): Point | undefined {
  if (points.length === 0) return undefined;
  const sum = points.reduce<Point>(([x, y], [px, py]) => [x + px, y + py], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}
