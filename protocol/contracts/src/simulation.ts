import { type Static, Type } from "typebox";
import { Code, EpcHex, Timestamp } from "./identity.js";

/* What the simulated hospital answers on its loopback port: `GET /truth`. Places by their codes in `site.yaml`. */

export const SimulatedTruth = Type.Object({
  at: Timestamp,
  items: Type.Array(
    Type.Object({
      epc: EpcHex,
      /** Where it is. */
      place: Code,
      /** The smallest place that the site's read points can tell: see `observablePlaces`. */
      observablePlace: Code,
      /** Since when it is in `observablePlace`. While carried, since it crossed into it. */
      since: Timestamp,
      /** Whether somebody carries it now. */
      carried: Type.Boolean(),
    }),
  ),
  /** The door crossings of the last hour, oldest first. */
  passages: Type.Array(
    Type.Object({
      at: Timestamp,
      readPoint: Code,
      direction: Type.Enum(["in", "out"]),
      epcs: Type.Array(EpcHex),
    }),
  ),
});
export type SimulatedTruth = Static<typeof SimulatedTruth>;
