import {
  AccessReportTriggerType,
  IdentificationType,
  ImpinjMode,
  KeepaliveTriggerType,
  type LlrpMessageInputOf,
  type LlrpMessageOf,
  type LlrpParameter,
  NotificationEventType,
  GetReaderConfigRequestedData as Requested,
  ROReportTriggerType,
} from "@storeward/codecs/llrp";
import { type Band, channelsOf, LIMITS, powerAt, strongestIndex } from "./capabilities.js";
import { fieldFault, parameterFault, SUCCESS } from "./fault.js";

interface AntennaSettings {
  powerIndex: number;
  channelIndex: number;
  hopTable: number;
  inventory: readonly LlrpParameter<"C1G2InventoryCommand">[];
}

interface Hardware {
  readonly band: Band;
  readonly antennas: readonly number[];
  /** EUI-64. */
  readonly identity: Uint8Array;
  readonly canHold: boolean;
  connected(antenna: number): boolean;
}

/** What a reader reports of tags where nobody has said otherwise. */
const FACTORY_REPORT: LlrpParameter<"ROReportSpec"> = {
  ROReportTrigger: ROReportTriggerType.Upon_N_Tags_Or_End_Of_ROSpec,
  N: 0,
  TagReportContentSelector: {
    EnableROSpecID: true,
    EnableSpecIndex: true,
    EnableInventoryParameterSpecID: true,
    EnableAntennaID: true,
    EnableChannelIndex: true,
    EnablePeakRSSI: true,
    EnableFirstSeenTimestamp: true,
    EnableLastSeenTimestamp: true,
    EnableTagSeenCount: true,
    EnableAccessSpecID: true,
    EnableCryptoResponse: false,
  },
};

/** What a client can set (LLRP 1.1 §13), kept over connections. */
export class ReaderConfiguration {
  readonly #hardware: Hardware;
  readonly #antennas = new Map<number, AntennaSettings>();
  #events = new Set<number>();
  keepaliveMs = 0;
  hold = false;
  /** Impinj: keepalives without an answer, after which the client is let go; 0: never. */
  linkDownAfter = 0;
  report: LlrpParameter<"ROReportSpec"> = FACTORY_REPORT;
  accessReport: LlrpParameter<"AccessReportSpec"> = {
    AccessReportTrigger: AccessReportTriggerType.Whenever_ROReport_Is_Generated,
  };
  /** Changes with everything that a client changes (§13.2.2.1). */
  stateValue = 1;

  constructor(hardware: Hardware) {
    this.#hardware = hardware;
    this.reset();
  }

  /** Whether events of this type are to be sent. */
  notifies(type: number): boolean {
    return this.#events.has(type);
  }

  antenna(id: number): AntennaSettings {
    return this.#antennas.get(id) ?? this.#factoryAntenna();
  }

  reset(): void {
    for (const id of this.#hardware.antennas) this.#antennas.set(id, this.#factoryAntenna());
    this.#events = new Set();
    this.keepaliveMs = 0;
    this.hold = false;
    this.linkDownAfter = 0;
    this.report = FACTORY_REPORT;
    this.accessReport = { AccessReportTrigger: AccessReportTriggerType.Whenever_ROReport_Is_Generated };
  }

  /** Takes a SET_READER_CONFIG whole or, throwing a fault, not at all. */
  apply(message: LlrpMessageOf<"SET_READER_CONFIG">): void {
    checkUnsupported(message);
    for (const one of message.AntennaConfiguration ?? []) this.checkAntenna(one, []);
    checkEvents(message.ReaderEventNotificationSpec);
    if (message.ROReportSpec !== undefined) checkReport(message.ROReportSpec, []);
    const keepalive = message.KeepaliveSpec;
    if (keepalive !== undefined && keepalive.KeepaliveTriggerType > KeepaliveTriggerType.Periodic) {
      throw parameterFault(["KeepaliveSpec"], "A_Invalid", "no such keepalive trigger", 0);
    }
    if (message.EventsAndReports?.HoldEventsAndReportsUponReconnect && !this.#hardware.canHold) {
      throw parameterFault(["EventsAndReports"], "P_UnsupportedParameter", "this reader holds nothing");
    }

    if (message.ResetToFactoryDefault) this.reset();
    for (const one of message.AntennaConfiguration ?? []) this.#setAntenna(one);
    for (const { EventType, NotificationState } of message.ReaderEventNotificationSpec?.EventNotificationState ?? []) {
      if (NotificationState) this.#events.add(EventType);
      else this.#events.delete(EventType);
    }
    if (keepalive !== undefined) {
      const periodic = keepalive.KeepaliveTriggerType === KeepaliveTriggerType.Periodic;
      this.keepaliveMs = periodic ? keepalive.PeriodicTriggerValue : 0;
    }
    if (message.ROReportSpec !== undefined) this.report = message.ROReportSpec;
    if (message.AccessReportSpec !== undefined) this.accessReport = message.AccessReportSpec;
    if (message.EventsAndReports !== undefined) this.hold = message.EventsAndReports.HoldEventsAndReportsUponReconnect;
    for (const one of message.Custom ?? []) {
      if (one.type === "ImpinjLinkMonitorConfiguration")
        this.linkDownAfter = one.LinkMonitorMode === ImpinjMode.Enabled ? one.LinkDownThreshold : 0;
    }
    this.stateValue = (this.stateValue + 1) >>> 0;
  }

  /** Refuses what this reader's antennas cannot do; `path` is what the parameter stands in. */
  checkAntenna(one: LlrpParameter<"AntennaConfiguration">, path: Parameters<typeof parameterFault>[0]): void {
    const { band, antennas } = this.#hardware;
    const here = [...path, "AntennaConfiguration" as const];
    if (one.AntennaID !== 0 && !antennas.includes(one.AntennaID)) {
      throw parameterFault(here, "A_OutOfRange", `there is no antenna ${one.AntennaID}`, 0);
    }
    const transmitter = one.RFTransmitter;
    if (transmitter !== undefined) {
      const at = [...here, "RFTransmitter" as const];
      if (powerAt(band, transmitter.TransmitPower) === undefined) {
        throw parameterFault(at, "A_OutOfRange", `no transmit power has index ${transmitter.TransmitPower}`, 2);
      }
      const fixed = band === "ETSI";
      if (fixed && transmitter.ChannelIndex > channelsOf(band).length) {
        throw parameterFault(at, "A_OutOfRange", `no channel has index ${transmitter.ChannelIndex}`, 1);
      }
      if (!fixed && transmitter.HopTableID > 1) {
        throw parameterFault(at, "A_OutOfRange", `there is no hop table ${transmitter.HopTableID}`, 0);
      }
    }
    if (one.RFReceiver !== undefined && one.RFReceiver.ReceiverSensitivity > 1) {
      throw parameterFault([...here, "RFReceiver"], "A_OutOfRange", "no sensitivity has this index", 0);
    }
    for (const command of one.C1G2InventoryCommand ?? []) checkInventoryCommand(command, here);
  }

  /** GET_READER_CONFIG: what of it was asked for. */
  answer(message: LlrpMessageOf<"GET_READER_CONFIG">): Omit<LlrpMessageInputOf<"GET_READER_CONFIG_RESPONSE">, "id"> {
    const { antennas, connected, identity } = this.#hardware;
    const { AntennaID, RequestedData } = message;
    if (RequestedData > Requested.EventsAndReports) {
      throw fieldFault(1, "A_Invalid", `RequestedData has no value ${RequestedData}`);
    }
    if (AntennaID !== 0 && !antennas.includes(AntennaID)) {
      throw fieldFault(0, "A_OutOfRange", `there is no antenna ${AntennaID}`);
    }
    const all = RequestedData === Requested.All;
    const wants = (part: number) => all || RequestedData === part;
    const chosen = antennas.filter((id) => AntennaID === 0 || AntennaID === id);
    return {
      type: "GET_READER_CONFIG_RESPONSE",
      LLRPStatus: SUCCESS,
      ...(wants(Requested.Identification) && {
        Identification: { IDType: IdentificationType.MAC_Address, ReaderID: identity },
      }),
      ...(wants(Requested.AntennaProperties) && {
        AntennaProperties: chosen.map((id) => ({ AntennaConnected: connected(id), AntennaID: id, AntennaGain: 600 })),
      }),
      ...(wants(Requested.AntennaConfiguration) && {
        AntennaConfiguration: chosen.map((id) => this.#antennaParameter(id)),
      }),
      ...(wants(Requested.ROReportSpec) && { ROReportSpec: this.report }),
      ...(wants(Requested.ReaderEventNotificationSpec) && {
        ReaderEventNotificationSpec: {
          EventNotificationState: Object.values(NotificationEventType)
            .filter((type) => message.version >= 2 || type !== NotificationEventType.SpecLoop_Event)
            .map((EventType) => ({ EventType, NotificationState: this.#events.has(EventType) })),
        },
      }),
      ...(wants(Requested.AccessReportSpec) && { AccessReportSpec: this.accessReport }),
      ...(wants(Requested.LLRPConfigurationStateValue) && {
        LLRPConfigurationStateValue: { LLRPConfigurationStateValue: this.stateValue },
      }),
      ...(wants(Requested.KeepaliveSpec) && {
        KeepaliveSpec: {
          KeepaliveTriggerType: this.keepaliveMs > 0 ? KeepaliveTriggerType.Periodic : KeepaliveTriggerType.Null,
          PeriodicTriggerValue: this.keepaliveMs,
        },
      }),
      ...(wants(Requested.EventsAndReports) && {
        EventsAndReports: { HoldEventsAndReportsUponReconnect: this.hold },
      }),
    };
  }

  #factoryAntenna(): AntennaSettings {
    return { powerIndex: strongestIndex(this.#hardware.band), channelIndex: 1, hopTable: 1, inventory: [] };
  }

  #setAntenna({ AntennaID, RFTransmitter, C1G2InventoryCommand }: LlrpParameter<"AntennaConfiguration">): void {
    for (const [id, settings] of this.#antennas) {
      if (AntennaID !== 0 && AntennaID !== id) continue;
      if (RFTransmitter !== undefined) {
        settings.powerIndex = RFTransmitter.TransmitPower;
        settings.channelIndex = RFTransmitter.ChannelIndex;
        settings.hopTable = RFTransmitter.HopTableID;
      }
      if (C1G2InventoryCommand !== undefined) settings.inventory = C1G2InventoryCommand;
    }
  }

  #antennaParameter(id: number): LlrpParameter<"AntennaConfiguration"> {
    const { powerIndex, channelIndex, hopTable, inventory } = this.antenna(id);
    const hops = this.#hardware.band === "FCC";
    return {
      AntennaID: id,
      RFReceiver: { ReceiverSensitivity: 1 },
      RFTransmitter: {
        HopTableID: hops ? hopTable : 0,
        ChannelIndex: hops ? 0 : channelIndex,
        TransmitPower: powerIndex,
      },
      ...(inventory.length > 0 ? { C1G2InventoryCommand: inventory } : {}),
    };
  }
}

function checkUnsupported(message: LlrpMessageOf<"SET_READER_CONFIG">): void {
  if (message.GPOWriteData !== undefined) {
    throw parameterFault(["GPOWriteData"], "A_OutOfRange", "this reader has no outputs", 0);
  }
  if (message.GPIPortCurrentState !== undefined) {
    throw parameterFault(["GPIPortCurrentState"], "A_OutOfRange", "this reader has no inputs", 0);
  }
  if (message.AntennaProperties !== undefined) {
    throw parameterFault(["AntennaProperties"], "P_UnsupportedParameter", "antenna properties cannot be set");
  }
}

function checkEvents(spec: LlrpParameter<"ReaderEventNotificationSpec"> | undefined): void {
  for (const { EventType } of spec?.EventNotificationState ?? []) {
    if (EventType > NotificationEventType.SpecLoop_Event) {
      throw parameterFault([244, "EventNotificationState"], "A_Invalid", `there is no event type ${EventType}`, 0);
    }
  }
}

export function checkReport(spec: LlrpParameter<"ROReportSpec">, path: Parameters<typeof parameterFault>[0]): void {
  if (spec.ROReportTrigger > ROReportTriggerType.Upon_N_Milliseconds_Or_End_Of_ROSpec) {
    throw parameterFault([...path, "ROReportSpec"], "A_Invalid", `no report trigger ${spec.ROReportTrigger}`, 0);
  }
}

function checkInventoryCommand(
  command: LlrpParameter<"C1G2InventoryCommand">,
  path: Parameters<typeof parameterFault>[0],
): void {
  const here = [...path, "C1G2InventoryCommand" as const];
  if (command.TagInventoryStateAware) {
    throw parameterFault(here, "P_UnsupportedParameter", "singulation is not aware of tags' states");
  }
  const filters = command.C1G2Filter ?? [];
  if (filters.length > LIMITS.filters) {
    throw parameterFault([...here, "C1G2Filter"], "P_OverflowParameter", `at most ${LIMITS.filters} filters`);
  }
  const mode = command.C1G2RFControl?.ModeIndex;
  if (mode !== undefined && mode >= LIMITS.modes) {
    throw parameterFault([...here, "C1G2RFControl"], "A_OutOfRange", `there is no mode ${mode}`, 0);
  }
}
