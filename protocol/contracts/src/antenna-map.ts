import { type Static, Type } from "typebox";
import { Code } from "./identity.js";
import { closed } from "./shapes.js";

/* `map.yaml` of `storeward-edge evaluate`: what the antennas of a recording are for. */

const Name = Type.Union([Type.String({ maxLength: 120 }), Type.Integer()]);

export const AntennaMap = closed({
  antennas: Type.Array(
    closed({
      /** As in the recording; absent where it names no readers. */
      reader: Type.Optional(Name),
      /** As in the recording; absent where it names no antennas. */
      antenna: Type.Optional(Name),
      readPoint: Code,
      /** What it reads: a shelf, one side of a portal, or a line that tags cross under a single antenna. */
      role: Type.Enum(["shelf", "inside", "outside", "line"]),
    }),
    { minItems: 1, maxItems: 1_000, description: "antennas of the recording" },
  ),
  /** Which rooms the portals join: a tag that left a room must have come into it. */
  portals: Type.Optional(
    Type.Array(closed({ readPoint: Code, inside: Code, outside: Code }), {
      maxItems: 500,
      description: "rooms on both sides of the portals",
    }),
  ),
});
export type AntennaMap = Static<typeof AntennaMap>;
