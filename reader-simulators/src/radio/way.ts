import { normalAt } from "../random.js";
import { standingWaves } from "./fading.js";
import { bestGain, clearGain } from "./link.js";
import type { RadioAntenna, RadioTag, Scene } from "./scene.js";
import { distance } from "./vector.js";

/**
 * The way from an antenna to a tag, as long as the tag stays where it is: nearly all of them lie still, so what follows from where they lie is
 * worked out once.
 */
export class Way {
  readonly metres: number;
  /** dB, see {@link bestGain}. */
  readonly best: number;
  readonly #seed: number;
  readonly #antenna: RadioAntenna;
  readonly #tag: RadioTag;
  readonly #walls: Scene["walls"];
  readonly #position: RadioTag["position"];
  readonly #axis: RadioTag["axis"];
  #clear: number | undefined;
  #waves: number | undefined;
  #channel = Number.NaN;
  #channelDraw = 0;

  constructor(seed: number, antenna: RadioAntenna, tag: RadioTag, walls: Scene["walls"]) {
    this.#seed = seed;
    this.#antenna = antenna;
    this.#tag = tag;
    this.#walls = walls;
    this.#position = tag.position;
    this.#axis = tag.axis;
    this.metres = distance(antenna.position, tag.position);
    this.best = bestGain(antenna, this.metres);
  }

  /** Whether neither end has been moved or turned since. Places and directions are never changed in place. */
  isOf(antenna: RadioAntenna, tag: RadioTag, walls: Scene["walls"]): boolean {
    return (
      tag === this.#tag &&
      tag.position === this.#position &&
      tag.axis === this.#axis &&
      antenna === this.#antenna &&
      walls === this.#walls
    );
  }

  /** dB, see {@link clearGain}. */
  get clear(): number {
    this.#clear ??= clearGain(this.#antenna, this.#tag, this.#walls);
    return this.#clear;
  }

  /** See {@link standingWaves}. */
  get waves(): number {
    this.#waves ??= standingWaves(this.#seed, this.#antenna.id, this.#position);
    return this.#waves;
  }

  /** How much better this channel is than others, unit variance. */
  onChannel(channel: number): number {
    if (channel !== this.#channel) {
      this.#channel = channel;
      this.#channelDraw = normalAt(this.#seed, this.#antenna.id, this.#tag.id, channel, 3);
    }
    return this.#channelDraw;
  }
}
