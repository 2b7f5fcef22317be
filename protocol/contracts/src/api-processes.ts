import { type Static, Type } from "typebox";
import { PARTITIONS, RandomId, Timestamp } from "./identity.js";
import { closed } from "./shapes.js";

/* `GET /processes`: the cloud processes that work on this database. */

export const CloudProcess = closed({
  /** New with every start. */
  id: RandomId,
  /** Host and data folder. */
  home: Type.String(),
  software: Type.String(),
  startedAt: Timestamp,
  /** It has answered to this question. */
  self: Type.Boolean(),
  /** False while it cannot hear agents: the others have its share. */
  hears: Type.Boolean(),
  /** Of agents, in order: what it takes in and follows. */
  partitions: Type.Array(Type.Integer({ minimum: 0, maximum: PARTITIONS - 1 })),
});
export type CloudProcess = Static<typeof CloudProcess>;
export const CloudProcessList = closed({ processes: Type.Array(CloudProcess) });
export type CloudProcessList = Static<typeof CloudProcessList>;
