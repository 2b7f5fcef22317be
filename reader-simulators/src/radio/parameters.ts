/**
 * The physics of reading, in numbers. FROZEN: chosen from the sources named before any filter was tuned. Change none of
 * them to make a filter look better; `emergent.test.ts` pins what comes of them.
 *
 * Losses and gains are dB one way: what the tag receives suffers them once, what the reader hears of it twice.
 */
export const RADIO = {
  /** ETSI EN 302 208 lower band; FCC Part 15.247 for the other. Wavelength of 866 MHz, metres. */
  wavelength: 0.346,

  pathLoss: {
    /** Free space at 1 m and 866 MHz: 20 log10(4π d/λ). */
    atOneMetre: 31.2,
    /** Up to 1 m: free space. */
    nearExponent: 2.0,
    /** Beyond: retail store, 914 MHz, line of sight (Rappaport, Wireless Communications, 2nd ed., table 4.6). */
    farExponent: 2.2,
    /** The law of distance does not hold nearer than half the size of a patch antenna, metres. */
    shortest: 0.12,
    /** A wall between rooms: COST 231 multi-wall model, heavy wall L_w2 (COST 231 final report, §4.7.2). */
    wall: 6.9,
    /** Goods that stand between a board and the board beside it (Clarke et al. 2006: loaded pallets and cases, 3 to 10 dB). */
    goods: 4.0,
  },

  /**
   * Antennas by what they are used for. Pattern: A(θ) = −min(12 (θ/θ3dB)², Am) (3GPP TR 36.814, table A.2.1.1-2). Gain is that of the data
   * sheets of 9 dBic panels and of flat shelf antennas. `backward` is less than their front-to-back ratio in an anechoic
   * chamber (18 dB): indoors reflections fill the back (Griffin & Durgin 2009).
   */
  antennas: {
    portal: { gain: 9, beamwidth: 70, backward: 15 },
    shelf: { gain: 4, beamwidth: 110, backward: 12 },
  },
  /** A circularly polarised antenna to a linearly polarised tag. */
  polarisation: 3.0,

  tag: {
    /** Half-wave dipole, along its middle plane. */
    gain: 2.15,
    /** Its null is filled by reflections: no orientation loses more. */
    deepestNull: 12,
    /** Wake-up power on the chip, dBm: data sheets say −17.4 (Monza 4) to −22 (UCODE 8); ageing and mismatch cost some. */
    sensitivity: { mean: -18, deviation: 1.5 },
    /** Modulation and matching loss of what is scattered back (Nikitin & Rao 2008). */
    backscatter: 6,
  },

  /**
   * What the tagged thing does to its tag: mean and deviation over tags. Griffin et al. 2006 ("RF tag antenna performance
   * on various materials"): cardboard about 1, water and metal at label distance 4 to 10 dB of gain penalty.
   */
  materials: {
    cardboard: { mean: 1.0, deviation: 0.6 },
    liquid: { mean: 4.5, deviation: 1.8 },
    /** A label on the outside of a box with metal in it. */
    metal: { mean: 4.5, deviation: 2.0 },
    /** A tag made for metal, on a frame or housing. */
    onMetal: { mean: 3.0, deviation: 1.5 },
    plastic: { mean: 0.5, deviation: 0.4 },
  },
  /** One tag in fifty does not work as it should; half of these not at all, half detuned by so much. */
  faulty: { share: 0.02, detuning: 14 },

  body: {
    /** A person between antenna and tag: 866 MHz through a torso, creeping waves around it (Polívka et al. 2010, 8 to 15 dB). */
    loss: 11,
    radius: 0.22,
    height: 1.75,
    /** Width of the half-shadow beside the body, about the first Fresnel zone at a metre. */
    edge: 0.15,
  },

  fading: {
    /** Standing waves: unchanged while tag and antenna rest, another every half wavelength. */
    place: 2.5,
    /** People and doors elsewhere: slow changes, with this memory in ms. */
    time: 1.5,
    timeConstant: 900,
    /** Each frequency has its own standing waves. */
    channel: 0.9,
    /** Noise of one measurement of RSSI, at the receiver. */
    measurement: 0.7,
  },

  /**
   * Losses come in bursts (Gilbert 1960, Elliott 1963): interference, other readers' carriers, slots lost in collisions.
   * Jeffery et al. 2006 (SMURF) report 60 to 70 % of the tags in range per read cycle.
   */
  bursts: { goodMs: 3600, badMs: 900, readInBad: 0.08 },
  /** Chance that a tag with power to spare is singulated in one turn of the antenna. */
  singulation: 0.81,
  /** Width of the step from never to always powered, dB. */
  powerStep: 1.5,
  /** The weakest answer a reader decodes, dBm. */
  readerSensitivity: -82,
  /** One antenna's turn, ms: a round over the tags in its field at 200 to 300 tags a second, tens on a board, some at a door. */
  turnMs: { portal: 50, shelf: 100 },
  /** A link weaker than this on average is not considered further, dB under the tag's wake-up. */
  hopeless: -16,
} as const;

export type Material = keyof typeof RADIO.materials;
export type AntennaUse = keyof typeof RADIO.antennas;
