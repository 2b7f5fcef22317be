import type { LlrpMessage, LlrpMessageInput, LlrpVersion } from "@storeward/codecs/llrp";
import type { AccessSpecs } from "./access-specs.js";
import { capabilities } from "./capabilities.js";
import type { ReaderConfiguration } from "./configuration.js";
import { type LlrpFault, messageFault, SUCCESS } from "./fault.js";
import type { ROSpecs } from "./rospecs.js";
import { refuseUnknown } from "./vendor-parameters.js";

/** What negotiation is done in. */
export const NEGOTIATION_VERSION = 2;

/** What requests of a connection work on. */
export interface Session {
  version: LlrpVersion;
  /** SET_PROTOCOL_VERSION comes once a connection (LLRP 1.1 §9.1.3). */
  negotiated: boolean;
  /** IMPINJ_ENABLE_EXTENSIONS has been asked for and granted. */
  extended: boolean;
}

export interface Served {
  readonly roSpecs: ROSpecs;
  readonly access: AccessSpecs;
  readonly configuration: ReaderConfiguration;
  readonly capabilities: Parameters<typeof capabilities>[2];
  /** Configuration has changed: keepalives begin anew. */
  configured(): void;
}

/** Requests that are answered, with the type number of the message. */
const RESPONSES = {
  1: "GET_READER_CAPABILITIES_RESPONSE",
  2: "GET_READER_CONFIG_RESPONSE",
  3: "SET_READER_CONFIG_RESPONSE",
  14: "CLOSE_CONNECTION_RESPONSE",
  20: "ADD_ROSPEC_RESPONSE",
  21: "DELETE_ROSPEC_RESPONSE",
  22: "START_ROSPEC_RESPONSE",
  23: "STOP_ROSPEC_RESPONSE",
  24: "ENABLE_ROSPEC_RESPONSE",
  25: "DISABLE_ROSPEC_RESPONSE",
  26: "GET_ROSPECS_RESPONSE",
  40: "ADD_ACCESSSPEC_RESPONSE",
  41: "DELETE_ACCESSSPEC_RESPONSE",
  42: "ENABLE_ACCESSSPEC_RESPONSE",
  43: "DISABLE_ACCESSSPEC_RESPONSE",
  44: "GET_ACCESSSPECS_RESPONSE",
  46: "GET_SUPPORTED_VERSION_RESPONSE",
  47: "SET_PROTOCOL_VERSION_RESPONSE",
} as const;

/** The response with an error status to a request of this type number; ERROR_MESSAGE for what has no response (§15.1). */
export function faultResponse(
  typeNumber: number,
  id: number,
  { status }: LlrpFault,
  session: Session,
): LlrpMessageInput {
  const type = RESPONSES[typeNumber as keyof typeof RESPONSES] ?? "ERROR_MESSAGE";
  if (type === "GET_SUPPORTED_VERSION_RESPONSE") {
    const versions = { CurrentVersion: session.version, SupportedVersion: NEGOTIATION_VERSION };
    return { type, id, version: 2, LLRPStatus: status, ...versions };
  }
  if (type === "SET_PROTOCOL_VERSION_RESPONSE") return { type, id, version: 2, LLRPStatus: status };
  return { type, id, LLRPStatus: status };
}

/**
 * Serves one request and gives its response. Throws LlrpFault for what is refused. What is no request (keepalive
 * acknowledgements, GET_REPORT, ENABLE_EVENTS_AND_REPORTS, CLOSE_CONNECTION) is the connection's own.
 */
export function serve(message: LlrpMessage, session: Session, served: Served): LlrpMessageInput {
  const { roSpecs, access, configuration } = served;
  const { id } = message;
  refuseUnknown(message, session, message.type);
  switch (message.type) {
    case "GET_SUPPORTED_VERSION":
      return {
        type: "GET_SUPPORTED_VERSION_RESPONSE",
        id,
        version: 2,
        CurrentVersion: session.version,
        SupportedVersion: NEGOTIATION_VERSION,
        LLRPStatus: SUCCESS,
      };
    case "SET_PROTOCOL_VERSION":
      setVersion(message.ProtocolVersion, session);
      return { type: "SET_PROTOCOL_VERSION_RESPONSE", id, version: 2, LLRPStatus: SUCCESS };
    case "GET_READER_CAPABILITIES":
      return { ...capabilities(message.RequestedData, session.version, served.capabilities), id };
    case "GET_READER_CONFIG":
      return { ...configuration.answer(message), id };
    case "SET_READER_CONFIG":
      configuration.apply(message);
      // The factory knows no specs (§13.1.3).
      if (message.ResetToFactoryDefault) {
        roSpecs.clear();
        access.clear();
      }
      served.configured();
      return { type: "SET_READER_CONFIG_RESPONSE", id, LLRPStatus: SUCCESS };
    case "ADD_ROSPEC":
      roSpecs.add(message.ROSpec, session.version);
      return { type: "ADD_ROSPEC_RESPONSE", id, LLRPStatus: SUCCESS };
    case "DELETE_ROSPEC":
      roSpecs.delete(message.ROSpecID);
      return { type: "DELETE_ROSPEC_RESPONSE", id, LLRPStatus: SUCCESS };
    case "START_ROSPEC":
      roSpecs.start(message.ROSpecID);
      return { type: "START_ROSPEC_RESPONSE", id, LLRPStatus: SUCCESS };
    case "STOP_ROSPEC":
      roSpecs.stop(message.ROSpecID);
      return { type: "STOP_ROSPEC_RESPONSE", id, LLRPStatus: SUCCESS };
    case "ENABLE_ROSPEC":
      roSpecs.enable(message.ROSpecID);
      return { type: "ENABLE_ROSPEC_RESPONSE", id, LLRPStatus: SUCCESS };
    case "DISABLE_ROSPEC":
      roSpecs.disable(message.ROSpecID);
      return { type: "DISABLE_ROSPEC_RESPONSE", id, LLRPStatus: SUCCESS };
    case "GET_ROSPECS":
      return { type: "GET_ROSPECS_RESPONSE", id, LLRPStatus: SUCCESS, ROSpec: roSpecs.list() };
    case "ADD_ACCESSSPEC":
      access.add(message.AccessSpec);
      return { type: "ADD_ACCESSSPEC_RESPONSE", id, LLRPStatus: SUCCESS };
    case "DELETE_ACCESSSPEC":
      access.delete(message.AccessSpecID);
      return { type: "DELETE_ACCESSSPEC_RESPONSE", id, LLRPStatus: SUCCESS };
    case "ENABLE_ACCESSSPEC":
      access.enable(message.AccessSpecID);
      return { type: "ENABLE_ACCESSSPEC_RESPONSE", id, LLRPStatus: SUCCESS };
    case "DISABLE_ACCESSSPEC":
      access.disable(message.AccessSpecID);
      return { type: "DISABLE_ACCESSSPEC_RESPONSE", id, LLRPStatus: SUCCESS };
    case "GET_ACCESSSPECS":
      return { type: "GET_ACCESSSPECS_RESPONSE", id, LLRPStatus: SUCCESS, AccessSpec: access.list() };
    case "UNKNOWN_MESSAGE":
      throw messageFault("M_UnsupportedMessage", `there is no message type ${message.typeNumber}`);
    case "IMPINJ_ENABLE_EXTENSIONS":
      if (served.capabilities.flavour.vendor !== "impinj")
        throw messageFault("M_UnsupportedMessage", "this is no reader of Impinj");
      session.extended = true;
      return { type: "IMPINJ_ENABLE_EXTENSIONS_RESPONSE", id, LLRPStatus: SUCCESS };
    case "CUSTOM_MESSAGE":
    case "IMPINJ_SAVE_SETTINGS":
    case "MOTO_GET_TAG_EVENT_REPORT":
    case "MOTO_PURGE_TAGS":
    case "CLIENT_REQUEST_OP_RESPONSE":
      throw messageFault("M_UnsupportedMessage", `${message.type} is not supported`);
    default:
      // What only readers send.
      throw messageFault("M_UnexpectedMessage", `${message.type} comes from a reader, not from a client`);
  }
}

function setVersion(wanted: number, session: Session): void {
  if (session.negotiated) throw messageFault("M_UnexpectedMessage", "the version has been set already");
  if (wanted !== 1 && wanted !== 2) {
    throw messageFault(
      "M_UnsupportedVersion",
      `version ${wanted} is not supported, ${NEGOTIATION_VERSION} is the newest`,
    );
  }
  session.version = wanted;
  session.negotiated = true;
}
