import type { Socket } from "node:net";
import {
  decodeMessage,
  type LlrpDecodeError,
  LlrpFramer,
  type LlrpMessage,
  type LlrpMessageInput,
  type LlrpVersion,
} from "@storeward/codecs/llrp";
import { LlrpFault, messageFault, SUCCESS } from "./fault.js";
import type { Line } from "./outbox.js";
import { faultResponse, NEGOTIATION_VERSION, type Served, type Session, serve } from "./requests.js";

/** Bytes written and not yet taken by the client, beyond which reports wait. */
const HIGH_WATER = 256 * 1024;
/** Beyond this even answers cannot be delivered: such a client is let go. */
const TOO_MUCH = 4 * 1024 * 1024;
/** For what is still to be sent when a connection ends. */
const GENTLY_MS = 1000;
const MAX_REQUEST = 256 * 1024;

interface Options {
  readonly socket: Socket;
  readonly served: Served;
  /** Sends a message in the connection's version. */
  send(message: LlrpMessageInput): void;
  keepaliveAnswered(): void;
  getReport(): void;
  enableReports(): void;
  drained(): void;
  closed(): void;
  complain(problem: string): void;
}

/** One client: its bytes to requests, and the answers. Whatever it sends, nothing here throws. */
export class Connection implements Line {
  readonly session: Session = { version: 1, negotiated: false, extended: false };
  readonly #options: Options;
  readonly #framer = new LlrpFramer({ maxFrameBytes: MAX_REQUEST });
  #open = true;

  constructor(options: Options) {
    this.#options = options;
    const { socket } = options;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("drain", () => options.drained());
    socket.on("error", () => this.close());
    socket.on("close", () => this.close());
  }

  get version(): LlrpVersion {
    return this.session.version;
  }

  get ready(): boolean {
    return this.#open && this.#options.socket.writableLength < HIGH_WATER;
  }

  write(frame: Uint8Array): void {
    const { socket } = this.#options;
    if (!this.#open || socket.destroyed) return;
    socket.write(frame);
    if (socket.writableLength > TOO_MUCH) this.#drop("the client does not read");
  }

  /** Ends it; `gently` after what has been written. */
  close(gently = false): void {
    if (!this.#open) return;
    this.#open = false;
    const { socket, closed } = this.#options;
    if (gently) {
      socket.end(() => socket.destroy());
      // A client that takes nothing does not keep the reader from stopping.
      socket.setTimeout(GENTLY_MS, () => socket.destroy());
    } else socket.destroy();
    closed();
  }

  #drop(problem: string): void {
    this.#options.complain(problem);
    this.close();
  }

  #take(chunk: Buffer): void {
    const { frames, errors } = this.#framer.push(chunk);
    for (const frame of frames) if (this.#open) this.#handle(frame);
    for (const error of errors) {
      if (!this.#open) return;
      this.#options.send({
        type: "ERROR_MESSAGE",
        id: 0,
        LLRPStatus: messageFault(
          error.code === "TOO_LONG" ? "M_OverflowParameter" : "M_ParameterError",
          error.code === "TOO_LONG" ? `messages have at most ${MAX_REQUEST} bytes` : "these bytes are no LLRP message",
        ).status,
      });
      // Out of step: nothing after it can be trusted.
      if (error.recovery === "searching") {
        this.#options.complain(`what the client sends is no LLRP (${error.code})`);
        this.close(true);
        return;
      }
    }
  }

  #handle(frame: Uint8Array): void {
    const header = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const version = (header.getUint8(0) >> 2) & 7;
    const typeNumber = header.getUint16(0) & 0x3ff;
    const id = header.getUint32(6);
    try {
      this.#checkVersion(version, typeNumber);
      const message = decode(frame);
      this.#answer(message);
    } catch (error) {
      const fault = error instanceof LlrpFault ? error : messageFault("R_DeviceError", String(error));
      // A wrong version is not answered in kind: the client may not read that either (LLRP 1.1 §15.1.1).
      const only101 = this.#newest === 1 && isNegotiation(typeNumber);
      const wrongVersion = only101 || (fault.status.StatusCode === 110 && typeNumber !== 47);
      this.#options.send(faultResponse(wrongVersion ? 100 : typeNumber, id, fault, this.session));
    }
  }

  /** Negotiation is done in version 2 whatever the connection's version is (§9.1). */
  #checkVersion(version: number, typeNumber: number): void {
    const negotiation = isNegotiation(typeNumber) && this.#newest > 1;
    if (isNegotiation(typeNumber) && this.#newest === 1 && version === 1)
      throw messageFault("M_UnsupportedMessage", `there is no message type ${typeNumber}`);
    if (negotiation ? version === NEGOTIATION_VERSION : version === this.session.version) return;
    throw messageFault("M_UnsupportedVersion", `version ${version} in a connection of version ${this.session.version}`);
  }

  get #newest(): number {
    return this.#options.served.capabilities.flavour.newestVersion ?? NEGOTIATION_VERSION;
  }

  #answer(message: LlrpMessage): void {
    const { served, send, keepaliveAnswered, getReport, enableReports } = this.#options;
    switch (message.type) {
      case "KEEPALIVE_ACK":
        keepaliveAnswered();
        break;
      case "GET_REPORT":
        getReport();
        break;
      case "ENABLE_EVENTS_AND_REPORTS":
        enableReports();
        break;
      case "CLOSE_CONNECTION":
        send({ type: "CLOSE_CONNECTION_RESPONSE", id: message.id, LLRPStatus: SUCCESS });
        this.close(true);
        break;
      default:
        send(serve(message, this.session, served));
    }
  }
}

function isNegotiation(typeNumber: number): boolean {
  return typeNumber === 46 || typeNumber === 47;
}

function decode(frame: Uint8Array): LlrpMessage {
  try {
    return decodeMessage(frame);
  } catch (error) {
    const { code, message } = error as LlrpDecodeError;
    if (code === "MISSING_PARAMETER") throw messageFault("M_MissingParameter", message);
    if (code === "DUPLICATE_PARAMETER") throw messageFault("M_DuplicateParameter", message);
    if (code === "UNKNOWN_TV") throw messageFault("M_UnknownParameter", message);
    throw messageFault("M_ParameterError", message);
  }
}
