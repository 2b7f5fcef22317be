import { bodyLoss, wallLoss } from "./obstacles.js";
import { RADIO } from "./parameters.js";
import type { RadioAntenna, RadioTag, Scene } from "./scene.js";
import { cosine, direction, distance } from "./vector.js";

/**
 * The mean gain of the way from an antenna's plug to a tag's chip, dB (negative), without fading. A thing whose material
 * or chip is worse than others is so on every link.
 */
export function meanGain(antenna: RadioAntenna, tag: RadioTag, scene: Scene): number {
  return withObstacles(clearGain(antenna, tag, scene.walls), antenna, tag, scene.bodies);
}

/** Its part that stays as long as both ends do: without people, the goods between, and what the tag is fixed to. */
export function clearGain(antenna: RadioAntenna, tag: RadioTag, walls: Scene["walls"]): number {
  const ray = direction(antenna.position, tag.position);
  return (
    antennaGain(antenna, ray) -
    RADIO.polarisation +
    tagGain(tag, ray) -
    pathLoss(distance(antenna.position, tag.position)) -
    wallLoss(walls, antenna.position, tag.position)
  );
}

/** The mean gain of a way whose {@link clearGain} is known. */
export function withObstacles(clear: number, antenna: RadioAntenna, tag: RadioTag, bodies: Scene["bodies"]): number {
  const goods = antenna.board !== undefined && tag.board !== antenna.board ? RADIO.pathLoss.goods : 0;
  return clear - bodyLoss(bodies, antenna.position, tag.position) - goods - tag.materialLoss;
}

export function pathLoss(metres: number): number {
  const { atOneMetre, nearExponent, farExponent, shortest } = RADIO.pathLoss;
  const d = Math.max(metres, shortest);
  return atOneMetre + 10 * (d < 1 ? nearExponent : farExponent) * Math.log10(d);
}

/** The best gain that a link of this length can have: to pass over what is far away. */
export function bestGain(antenna: RadioAntenna, metres: number): number {
  return RADIO.antennas[antenna.use].gain - RADIO.polarisation + RADIO.tag.gain - pathLoss(metres);
}

function antennaGain({ use, facing }: RadioAntenna, ray: RadioTag["position"]): number {
  const { gain, beamwidth, backward } = RADIO.antennas[use];
  const degrees = (Math.acos(Math.min(1, Math.max(-1, cosine(facing, ray)))) * 180) / Math.PI;
  return gain - Math.min(12 * (degrees / beamwidth) ** 2, backward);
}

/** A dipole radiates with the square of the sine of the angle to its axis. */
function tagGain({ axis }: RadioTag, ray: RadioTag["position"]): number {
  const along = cosine(axis, ray);
  const lost = -10 * Math.log10(Math.max(1 - along * along, 1e-6));
  return RADIO.tag.gain - Math.min(lost, RADIO.tag.deepestNull);
}
