import { type Static, Type } from "typebox";
import { Code, RandomId, Timestamp } from "./identity.js";
import { closed } from "./shapes.js";

export const MAX_LOG_LINES = 200;
/** Of all the lines of one answer together, bytes: a packet takes 256 KiB. */
export const MAX_LOG_BYTES = 64 * 1024;

/** What the cloud may ask of a device. None of it changes what the device is configured to do. */
export const Command = Type.Union([
  closed({ do: Type.Literal("restart-driver"), reader: Code }),
  /** Of one read point, or of all. */
  closed({ do: Type.Literal("inventory"), readPoint: Type.Optional(Code) }),
  closed({ do: Type.Literal("send-logs"), lines: Type.Integer({ minimum: 1, maximum: MAX_LOG_LINES }) }),
]);
export type Command = Static<typeof Command>;

/** On `…/command`, not retained, as the document of a signed message. An id that was met before is not done again. */
export const CommandDocument = closed({
  v: Type.Literal(1),
  agent: Code,
  id: RandomId,
  issued: Timestamp,
  expires: Timestamp,
  command: Command,
});
export type CommandDocument = Static<typeof CommandDocument>;

/** In the next telemetry, once. */
export const CommandAnswer = closed({
  id: RandomId,
  ok: Type.Boolean(),
  text: Type.String({ maxLength: 500 }),
  lines: Type.Optional(Type.Array(Type.String({ maxLength: 4_000 }), { maxItems: MAX_LOG_LINES })),
});
export type CommandAnswer = Static<typeof CommandAnswer>;
