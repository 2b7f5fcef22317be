import { RADIO } from "./parameters.js";
import type { Body, Wall } from "./scene.js";
import type { Vec3 } from "./vector.js";

/** Square of a distance from a ray at which a body is clear of it by far, m². */
const FAR = (1.01 * (RADIO.body.radius + RADIO.body.edge)) ** 2;

/** What people between both ends cost, dB. The worst one counts: shadows of several do not add up. */
export function bodyLoss(bodies: readonly Body[], from: Vec3, to: Vec3): number {
  let worst = 0;
  for (const body of bodies) worst = Math.max(worst, shadowOf(body, from, to));
  return worst;
}

function shadowOf(body: Body, from: Vec3, to: Vec3): number {
  const { loss, radius, height, edge } = RADIO.body;
  const dx = to[0] - from[0];
  const dy = to[1] - from[1];
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((body.x - from[0]) * dx + (body.y - from[1]) * dy) / squared;
  // The one who stands beyond the tag or behind the antenna shadows nothing.
  if (along <= 0 || along >= 1) return 0;
  const over = from[2] + along * (to[2] - from[2]) - height;
  const x = from[0] + along * dx - body.x;
  const y = from[1] + along * dy - body.y;
  // Nearly everybody is far from nearly every ray, which is seen without a root.
  if (over >= edge || x * x + y * y > FAR) return 0;
  const clearance = Math.max(Math.hypot(x, y) - radius, over);
  if (clearance >= edge) return 0;
  return loss * Math.min(1, (edge - clearance) / (2 * edge));
}

/** What walls between both ends cost, dB. */
export function wallLoss(walls: readonly Wall[], from: Vec3, to: Vec3): number {
  let crossed = 0;
  for (const wall of walls) if (crosses(wall, from, to)) crossed++;
  return crossed * RADIO.pathLoss.wall;
}

function crosses({ from: [ax, ay], to: [bx, by] }: Wall, p: Vec3, q: Vec3): boolean {
  const side = (x: number, y: number) => (bx - ax) * (y - ay) - (by - ay) * (x - ax);
  const other = (x: number, y: number) => (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0]);
  return side(p[0], p[1]) * side(q[0], q[1]) < 0 && other(ax, ay) * other(bx, by) < 0;
}
