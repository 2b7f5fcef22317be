import { type Static, type TProperties, Type } from "typebox";
import { Code, RandomId } from "./identity.js";
import { EpcFilter, Reader, ReadPoint } from "./site.js";

const closed = <P extends TProperties>(properties: P, options = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

/** `agent.yaml`: what one device is. Paths are relative to the file. */
export const AgentConfig = closed({
  version: Type.Integer({ minimum: 1, description: "version of this configuration; grows with every change" }),
  agent: Code,
  data: Type.String({ minLength: 1, description: "folder of the journal" }),
  cloud: closed({
    url: Type.String({ pattern: "^mqtts?://[^\\s]+$", description: "mqtt://host:port or mqtts://host:port" }),
    username: Type.String({ minLength: 1, maxLength: 120 }),
    passwordFile: Type.String({ minLength: 1, description: "file that holds the password, mode 0600" }),
    caFile: Type.Optional(Type.String({ minLength: 1, description: "PEM of the authority that signed the broker" })),
    insecure: Type.Optional(Type.Boolean({ description: "allow plain MQTT to a host that is not this one" })),
    /** Pinned: an ack of another ledger deletes nothing. */
    ledger: RandomId,
  }),
  epcFilter: Type.Optional(EpcFilter),
  readers: Type.Array(Reader, { maxItems: 64 }),
  readPoints: Type.Array(ReadPoint, { maxItems: 256 }),
  journal: closed(
    {
      maxBytes: Type.Integer({
        minimum: 4 * 1024 * 1024,
        default: 1024 * 1024 * 1024,
        description: "bytes the journal may take",
      }),
    },
    { default: {} },
  ),
});
export type AgentConfig = Static<typeof AgentConfig>;
