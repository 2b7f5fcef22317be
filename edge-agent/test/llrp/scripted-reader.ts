import { createServer, type Server, type Socket } from "node:net";
import {
  ConnectionAttemptStatusType,
  decodeMessage,
  encodeMessage,
  LlrpFramer,
  type LlrpMessage,
  type LlrpMessageInput,
  type LlrpParameter,
  StatusCode,
} from "@storeward/codecs/llrp";
import { systemClock } from "@storeward/runtime";
import { scriptedCapabilities } from "./scripted-capabilities.js";

export const OK = { StatusCode: StatusCode.M_Success, ErrorDescription: "" };
type EventData = Omit<LlrpParameter<"ReaderEventNotificationData">, "UTCTimestamp" | "Uptime">;

export interface Behaviour {
  version101?: boolean;
  hold?: boolean;
  refuse?: number;
  standard?: number;
  silent?: boolean;
  refuseLoop?: boolean;
  /** Impinj, with its extensions. */
  impinj?: boolean;
  /** Deleting nothing is an M_FieldError. */
  faultyDelete?: boolean;
  /** SupportedVersion. */
  newest?: number;
  /** Bytes a segment; 0: as written. */
  split?: number;
}

/** A reader by the letter of LLRP, as far as the driver's tests need one, that does what a test tells it. */
export class ScriptedReader {
  readonly asked: string[] = [];
  readonly server: Server;
  socket: Socket | undefined;
  rospec: LlrpParameter<"ROSpec"> | undefined;
  holding = false;
  /** Vendors' parameters of the last SET_READER_CONFIG. */
  custom: unknown;
  /** Versions of the headers of requests, in order. */
  readonly versions: number[] = [];
  readonly ackVersions: number[] = [];
  identity = Uint8Array.of(0xab, 0xcd);
  /** The time that its clock shows, as the driver's clock has it. */
  now = (): number => systemClock.mono();
  bootedAt = systemClock.mono() - 5_000;
  acks = 0;
  connections = 0;
  behaviour: Behaviour;

  constructor(behaviour: Behaviour = {}) {
    this.behaviour = behaviour;
    this.server = createServer((socket) => this.accept(socket));
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    const address = this.server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    this.socket?.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  accept(socket: Socket): void {
    this.connections++;
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    const framer = new LlrpFramer();
    socket.on("data", (chunk) => {
      for (const frame of framer.push(chunk).frames) this.answer(decodeMessage(frame));
    });
    const Status = this.behaviour.refuse ?? ConnectionAttemptStatusType.Success;
    if (!this.behaviour.silent) this.event({ ConnectionAttemptEvent: { Status } });
    if (this.behaviour.refuse !== undefined) socket.end();
  }

  uptime(mono = this.now()): { Microseconds: bigint } {
    return { Microseconds: BigInt(Math.round((mono - this.bootedAt) * 1000)) };
  }

  write(bytes: Uint8Array): void {
    const step = this.behaviour.split ?? 0;
    if (step === 0) this.socket?.write(bytes);
    else for (let at = 0; at < bytes.length; at += step) this.socket?.write(bytes.subarray(at, at + step));
  }

  send(message: LlrpMessageInput): void {
    this.write(encodeMessage(message, this.behaviour.version101 ? 1 : 2));
  }

  event(data: EventData, mono?: number): void {
    this.send({
      type: "READER_EVENT_NOTIFICATION",
      id: 0,
      ReaderEventNotificationData: { Uptime: this.uptime(mono), ...data },
    });
  }

  cycle(mono?: number): void {
    this.event({ AISpecEvent: { EventType: 0, ROSpecID: 1, SpecIndex: 1 } }, mono);
  }

  tag(antenna: number, rssi = -60, mono = this.now(), epc = 1): LlrpParameter<"TagReportData"> {
    const EPC = new Uint8Array(12).fill(epc);
    return {
      EPC_96: { EPC },
      AntennaID: { AntennaID: antenna },
      PeakRSSI: { PeakRSSI: rssi },
      FirstSeenTimestampUptime: this.uptime(mono),
      LastSeenTimestampUptime: this.uptime(mono),
      TagSeenCount: { TagCount: 1 },
    };
  }

  report(...TagReportData: LlrpParameter<"TagReportData">[]): void {
    this.send({ type: "RO_ACCESS_REPORT", id: 0, TagReportData });
  }

  answer(message: LlrpMessage): void {
    const { id } = message;
    if (message.type === "KEEPALIVE_ACK") {
      this.acks++;
      this.ackVersions.push(message.version);
      return;
    }
    this.asked.push(message.type);
    this.versions.push(message.version);
    // What LLRP allows between a request and its response.
    this.send({ type: "KEEPALIVE", id: 7 });
    switch (message.type) {
      case "GET_SUPPORTED_VERSION":
        if (this.behaviour.version101)
          this.send({
            type: "ERROR_MESSAGE",
            id,
            LLRPStatus: { StatusCode: StatusCode.M_UnsupportedVersion, ErrorDescription: "" },
          });
        else
          this.send({
            type: "GET_SUPPORTED_VERSION_RESPONSE",
            id,
            CurrentVersion: 1,
            SupportedVersion: this.behaviour.newest ?? 2,
            LLRPStatus: OK,
          });
        break;
      case "IMPINJ_ENABLE_EXTENSIONS":
        this.send({ type: "IMPINJ_ENABLE_EXTENSIONS_RESPONSE", id, LLRPStatus: OK });
        break;
      case "GET_READER_CAPABILITIES":
        this.send({
          type: "GET_READER_CAPABILITIES_RESPONSE",
          id,
          LLRPStatus: OK,
          ...scriptedCapabilities(this.behaviour),
        });
        break;
      case "GET_READER_CONFIG":
        this.send({
          type: "GET_READER_CONFIG_RESPONSE",
          id,
          LLRPStatus: OK,
          Identification: { IDType: 0, ReaderID: this.identity },
          AntennaProperties: [1, 2, 3, 4].map((AntennaID) => ({
            AntennaConnected: AntennaID !== 4,
            AntennaID,
            AntennaGain: 600,
          })),
          EventsAndReports: { HoldEventsAndReportsUponReconnect: this.holding },
        });
        break;
      case "SET_READER_CONFIG":
        this.custom = message.Custom;
        this.holding = message.EventsAndReports?.HoldEventsAndReportsUponReconnect ?? false;
        this.send({ type: "SET_READER_CONFIG_RESPONSE", id, LLRPStatus: OK });
        break;
      case "GET_ROSPECS":
        this.send({
          type: "GET_ROSPECS_RESPONSE",
          id,
          LLRPStatus: OK,
          ROSpec: this.rospec === undefined ? [] : [this.rospec],
        });
        break;
      case "DELETE_ROSPEC":
        this.send({ type: "DELETE_ROSPEC_RESPONSE", id, LLRPStatus: this.rospec === undefined ? this.nothing : OK });
        this.rospec = undefined;
        break;
      case "DELETE_ACCESSSPEC":
        this.send({ type: "DELETE_ACCESSSPEC_RESPONSE", id, LLRPStatus: this.nothing });
        break;
      case "ADD_ROSPEC": {
        const loops = message.ROSpec.SpecParameter.some(({ type }) => type === "LoopSpec");
        const refused = this.behaviour.refuseLoop && loops;
        if (!refused) this.rospec = message.ROSpec;
        const status = { StatusCode: refused ? StatusCode.M_UnsupportedParameter : 0, ErrorDescription: "" };
        this.send({ type: "ADD_ROSPEC_RESPONSE", id, LLRPStatus: status });
        break;
      }
      case "ENABLE_ROSPEC":
        if (this.rospec !== undefined) this.rospec = { ...this.rospec, CurrentState: 2 };
        this.send({ type: "ENABLE_ROSPEC_RESPONSE", id, LLRPStatus: OK });
        break;
      case "SET_PROTOCOL_VERSION":
        this.send({ type: "SET_PROTOCOL_VERSION_RESPONSE", id, LLRPStatus: OK });
        break;
      case "CLOSE_CONNECTION":
        this.send({ type: "CLOSE_CONNECTION_RESPONSE", id, LLRPStatus: OK });
        this.socket?.end();
        break;
    }
  }

  get nothing(): { StatusCode: number; ErrorDescription: string } {
    return this.behaviour.faultyDelete ? { StatusCode: StatusCode.M_FieldError, ErrorDescription: "" } : OK;
  }
}
