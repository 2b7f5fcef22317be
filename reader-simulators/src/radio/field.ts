import { hash32, normalAt, uniformAt } from "../random.js";
import { age, freshMemory, type LinkMemory } from "./fading.js";
import { withObstacles } from "./link.js";
import { RADIO } from "./parameters.js";
import type { RadioAntenna, RadioTag, Scene } from "./scene.js";
import { Way } from "./way.js";

/** One tag singulated once. */
export interface Reading {
  readonly epc: string;
  /** dBm at the reader's plug. */
  readonly rssi: number;
  /** Milliseconds of simulated time. */
  readonly at: number;
  /** Of the region's table, from 1. */
  readonly channel: number;
  /** Of the backscattered carrier, degrees. */
  readonly phase: number;
}

export interface Turn {
  /** dBm at the antenna's plug. */
  readonly power: number;
  /** Simulated time in ms: reads fall into [from, to). */
  readonly from: number;
  readonly to: number;
  readonly channel: number;
}

/**
 * What antennas read. The same seed, scenes and turns give the same readings; what one antenna is asked changes nothing
 * for another.
 *
 * Readers use both targets, as a reader does whose client does not ask for state-aware singulation: a tag
 * answers in every turn, whatever the session.
 */
export class RadioField {
  readonly #seed: number;
  readonly #links = new Map<number, LinkMemory>();
  readonly #ways = new Map<number, Way>();

  constructor(seed: number) {
    this.#seed = hash32(seed, "radio");
  }

  /** One turn of one antenna: each tag is read at most once. In order of time. */
  turn(antenna: RadioAntenna, scene: Scene, turn: Turn): Reading[] {
    const readings: Reading[] = [];
    for (const tag of scene.tags) {
      const reading = this.#try(antenna, tag, scene, turn);
      if (reading !== undefined) readings.push(reading);
    }
    return readings.sort((a, b) => a.at - b.at);
  }

  #try(antenna: RadioAntenna, tag: RadioTag, scene: Scene, turn: Turn): Reading | undefined {
    if (tag.dead) return undefined;
    const needed = tag.sensitivity + RADIO.hopeless - turn.power;
    const way = this.#way(antenna, tag, scene.walls);
    if (way.best - tag.materialLoss < needed) return undefined;
    const mean = withObstacles(way.clear, antenna, tag, scene.bodies);
    if (mean < needed) return undefined;

    const seed = this.#seed;
    const memory = this.#remember(antenna, tag, turn.from);
    const { place, time, channel, measurement } = RADIO.fading;
    const gain = mean + place * way.waves + time * memory.slow + channel * way.onChannel(turn.channel);
    const margin = turn.power + gain - tag.sensitivity;
    const chance = RADIO.singulation * (memory.bad ? RADIO.bursts.readInBad : 1) * powered(margin / RADIO.powerStep);
    if (uniformAt(seed, antenna.id, tag.id, turn.from, 4) >= chance) return undefined;
    const rssi =
      turn.power + 2 * gain - RADIO.tag.backscatter + measurement * normalAt(seed, antenna.id, tag.id, turn.from, 5);
    if (rssi < RADIO.readerSensitivity) return undefined;
    return {
      epc: tag.epc,
      rssi,
      at: turn.from + (turn.to - turn.from) * uniformAt(seed, antenna.id, tag.id, turn.from, 6),
      channel: turn.channel,
      phase: phaseAt(way.metres, uniformAt(seed, antenna.id, turn.channel, 7)),
    };
  }

  #way(antenna: RadioAntenna, tag: RadioTag, walls: Scene["walls"]): Way {
    const key = linkOf(antenna, tag);
    const known = this.#ways.get(key);
    if (known?.isOf(antenna, tag, walls)) return known;
    const way = new Way(this.#seed, antenna, tag, walls);
    this.#ways.set(key, way);
    return way;
  }

  #remember(antenna: RadioAntenna, tag: RadioTag, at: number): LinkMemory {
    const key = linkOf(antenna, tag);
    const known = this.#links.get(key);
    if (known !== undefined) {
      age(known, this.#seed, antenna.id, tag.id, at);
      return known;
    }
    const memory = freshMemory(this.#seed, antenna.id, tag.id, at);
    this.#links.set(key, memory);
    return memory;
  }
}

function linkOf(antenna: RadioAntenna, tag: RadioTag): number {
  return antenna.id * 0x10_0000 + tag.id;
}

/** Logistic with the deviation of a normal distribution of width 1. */
function powered(steps: number): number {
  return 1 / (1 + Math.exp(-1.7 * steps));
}

/** The carrier turns once every half wavelength of distance; every channel has an offset of its own. */
function phaseAt(metres: number, offset: number): number {
  const turns = (2 * metres) / RADIO.wavelength + offset;
  return 360 * (turns - Math.floor(turns));
}
