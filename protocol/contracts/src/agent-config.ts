import { type Static, Type } from "typebox";
import { Code, RandomId } from "./identity.js";
import { closed } from "./shapes.js";
import { PUBLIC_KEY_PATTERN } from "./signed.js";
import { EpcFilter, Reader, ReadPoint } from "./site.js";

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
    configKey: Type.Optional(
      Type.String({
        pattern: PUBLIC_KEY_PATTERN,
        description: "public key of the cloud's configurations and commands; without it none is taken",
      }),
    ),
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
  status: closed(
    {
      address: Type.String({ default: "127.0.0.1", description: "address of the status page, /metrics and /healthz" }),
      port: Type.Integer({ minimum: 0, maximum: 65535, default: 8090, description: "0: no status page" }),
      insecure: Type.Optional(Type.Boolean({ description: "allow the status page beyond this device, in the clear" })),
    },
    { default: {} },
  ),
});
export type AgentConfig = Static<typeof AgentConfig>;
