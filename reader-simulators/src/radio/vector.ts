/** Metres: x to the east, y to the north, z up. */
export type Vec3 = readonly [x: number, y: number, z: number];

export function distance(a: Vec3, b: Vec3): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** Cosine of the angle between two directions; 0 where one has no length. */
export function cosine(a: Vec3, b: Vec3): number {
  const lengths = Math.hypot(a[0], a[1], a[2]) * Math.hypot(b[0], b[1], b[2]);
  return lengths === 0 ? 0 : (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / lengths;
}

export function direction(from: Vec3, to: Vec3): Vec3 {
  return [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
}
