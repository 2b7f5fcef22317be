import { type Static, Type } from "typebox";
import { AgentConfig } from "./agent-config.js";
import { Code, Timestamp } from "./identity.js";
import { closed } from "./shapes.js";

const Version = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/**
 * The part of an agent's configuration that the cloud may set. Who the device is, where its data lies, and how it reaches the cloud are
 * not in it: a mistake there could not be taken back from afar.
 */
export const RemoteConfiguration = closed({
  readers: AgentConfig.properties.readers,
  readPoints: AgentConfig.properties.readPoints,
  epcFilter: AgentConfig.properties.epcFilter,
  journal: Type.Optional(closed({ maxBytes: AgentConfig.properties.journal.properties.maxBytes })),
});
export type RemoteConfiguration = Static<typeof RemoteConfiguration>;

/** Retained on `…/config`, as the document of a signed message. One version has one content, whenever it was signed. */
export const ConfigDocument = closed({
  v: Type.Literal(1),
  agent: Code,
  /** Above that of any configuration before it, `agent.yaml` included. */
  version: Version,
  issued: Timestamp,
  /** Not to be applied any more after this; what was applied before stays. */
  expires: Timestamp,
  configuration: RemoteConfiguration,
});
export type ConfigDocument = Static<typeof ConfigDocument>;

/** A configuration of the cloud that does not hold on the device, and why. */
export const ConfigRefusal = closed({
  version: Version,
  code: Type.String({ maxLength: 60 }),
  text: Type.String({ maxLength: 500 }),
});
export type ConfigRefusal = Static<typeof ConfigRefusal>;
