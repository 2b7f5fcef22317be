import { type Static, Type } from "typebox";
import { closed } from "./shapes.js";

/* What a chaos proxy does to the connections through it, and when: the file of `storeward-sim proxy --schedule`. */

const Ms = (description: string) => Type.Number({ minimum: 0, maximum: 86_400_000, description });
const Direction = Type.Optional(
  Type.Enum(["to-server", "to-client", "both"], { description: "which bytes are meant; default both" }),
);
const Kind = <K extends string>(kind: K) => Type.Literal(kind);

export const Toxic = Type.Union([
  closed({
    kind: Kind("latency"),
    ms: Ms("every byte is so late"),
    jitterMs: Type.Optional(Ms("and by up to so much more; the order stays")),
    direction: Direction,
  }),
  closed({
    kind: Kind("bandwidth"),
    bytesPerSecond: Type.Number({ minimum: 1, maximum: 1e9 }),
    direction: Direction,
  }),
  closed({
    kind: Kind("slicer"),
    bytes: Type.Integer({ minimum: 1, maximum: 65_536, description: "what comes is cut into 1 to so many bytes" }),
    pauseMs: Type.Optional(Ms("between two pieces")),
    direction: Direction,
  }),
  /** Connections are accepted and stay open, and what is sent vanishes. */
  closed({ kind: Kind("black-hole"), direction: Direction }),
  /** Every connection, also a new one, ends with RST. */
  closed({ kind: Kind("reset") }),
  /** Connections end, and new ones are refused: nobody listens. */
  closed({ kind: Kind("down") }),
]);
export type Toxic = Static<typeof Toxic>;

const Span = Type.Array(Ms("shortest and longest"), { minItems: 2, maxItems: 2 });

export const ChaosSchedule = closed({
  seed: Type.Integer({ minimum: 0, maximum: 0xffff_ffff, default: 1, description: "of everything drawn" }),
  steps: Type.Array(
    closed({
      after: Ms("ms from the start"),
      for: Type.Optional(Ms("ms that it lasts; default: for ever")),
      toxic: Toxic,
    }),
    { default: [], maxItems: 10_000 },
  ),
  /** Online and offline by turns, drawn from the seed, beside the steps. */
  weather: Type.Optional(
    closed({
      lengthMs: Ms("ends online after so long"),
      onlineMs: Span,
      offlineMs: Span,
      toxics: Type.Array(Toxic, { minItems: 1, maxItems: 100, description: "one of them each time" }),
    }),
  ),
});
export type ChaosSchedule = Static<typeof ChaosSchedule>;
