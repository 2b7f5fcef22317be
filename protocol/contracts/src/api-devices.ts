import { type Static, Type } from "typebox";
import { Command, CommandAnswer } from "./command.js";
import { Code, RandomId, Timestamp } from "./identity.js";
import { ConfigRefusal, RemoteConfiguration } from "./remote-config.js";
import { closed, nullable } from "./shapes.js";

/* A device's configuration and commands, as the API under `/api/v1` speaks of them. Administrators only. */

const Version = Type.Integer({ minimum: 0 });

/** How a device stands to what the cloud wants of it. */
export const ConfigState = closed({
  /** What the device said last that it runs with; null before it has said anything. */
  applied: nullable(Version),
  /** The latest that was set here; null where the device goes by its own file. */
  wanted: nullable(Version),
  refused: nullable(ConfigRefusal),
});
export type ConfigState = Static<typeof ConfigState>;

/** `GET` and `PUT /gateways/{agent}/config`. */
export const GatewayConfiguration = closed({
  agent: Code,
  state: ConfigState,
  latest: nullable(
    closed({ version: Version, setAt: Timestamp, setBy: Type.String(), configuration: RemoteConfiguration }),
  ),
});
export type GatewayConfiguration = Static<typeof GatewayConfiguration>;

/** `POST /gateways/{agent}/commands` answers one, `GET` the latest 50. */
export const GatewayCommand = closed({
  id: RandomId,
  agent: Code,
  command: Command,
  issuedAt: Timestamp,
  issuedBy: Type.String(),
  /** Not done after this. */
  expiresAt: Timestamp,
  answeredAt: nullable(Timestamp),
  answer: nullable(CommandAnswer),
});
export type GatewayCommand = Static<typeof GatewayCommand>;
export const GatewayCommandList = closed({ commands: Type.Array(GatewayCommand) });
