import {
  AISpecEventType,
  type LlrpParameter,
  type LlrpVersion,
  NotificationEventType as Notify,
  ROSpecEventType,
  ROSpecState,
  ROSpecStartTriggerType as Start,
  ROSpecStopTriggerType as Stop,
} from "@storeward/codecs/llrp";
import type { AntennaPort } from "../antenna-port.js";
import type { AccessSpecs } from "./access-specs.js";
import { LIMITS, powerAt } from "./capabilities.js";
import type { ReaderConfiguration } from "./configuration.js";
import { fieldFault, messageFault, parameterFault } from "./fault.js";
import { InventoryRun } from "./inventory-run.js";
import type { ReaderEvent } from "./outbox.js";
import { ReportBook } from "./report-book.js";
import { checkROSpec } from "./rospec-check.js";
import type { TagTime } from "./tag-time.js";

type ROSpec = LlrpParameter<"ROSpec">;

interface Entry {
  readonly spec: ROSpec;
  enabled: boolean;
  /** Of a periodic start trigger. */
  nextStart: number | undefined;
}

interface Options {
  readonly port: AntennaPort;
  readonly configuration: ReaderConfiguration;
  readonly access: AccessSpecs;
  readonly time: TagTime;
  report(tags: LlrpParameter<"TagReportData">[]): void;
  /** Of what happened at `at`; of now, where that is not said. */
  event(event: ReaderEvent, at?: number): void;
}

/** The reader's ROSpecs: disabled, inactive or active, at most one of them active (LLRP 1.1 §11.1). */
export class ROSpecs {
  readonly #options: Options;
  readonly #entries = new Map<number, Entry>();
  #run: InventoryRun | undefined;
  #book: ReportBook | undefined;
  #now = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** The id of the active one. */
  get active(): number | undefined {
    return this.#run?.spec.ROSpecID;
  }

  /** TagReportData not yet reported. */
  get gathering(): number {
    return this.#book?.size ?? 0;
  }

  list(): ROSpec[] {
    return [...this.#entries.values()].map(({ spec, enabled }) => ({
      ...spec,
      CurrentState: !enabled
        ? ROSpecState.Disabled
        : spec.ROSpecID === this.active
          ? ROSpecState.Active
          : ROSpecState.Inactive,
    }));
  }

  add(spec: ROSpec, version: LlrpVersion): void {
    const { port, configuration } = this.#options;
    checkROSpec(spec, { antennas: port.antennas, configuration, version });
    if (this.#entries.has(spec.ROSpecID)) {
      throw parameterFault(["ROSpec"], "A_Invalid", `there is an ROSpec ${spec.ROSpecID}`, 0);
    }
    if (this.#entries.size >= LIMITS.roSpecs) {
      throw parameterFault(["ROSpec"], "P_OverflowParameter", `at most ${LIMITS.roSpecs} ROSpecs`);
    }
    this.#entries.set(spec.ROSpecID, { spec, enabled: false, nextStart: undefined });
    this.#changed();
  }

  /** 0 means all, also for enable and disable. */
  delete(id: number): void {
    for (const entry of this.#of(id)) {
      this.#halt(entry);
      this.#entries.delete(entry.spec.ROSpecID);
    }
    this.#changed();
  }

  enable(id: number): void {
    for (const entry of this.#of(id)) {
      if (entry.enabled) continue;
      entry.enabled = true;
      const { ROSpecStartTriggerType: type, PeriodicTriggerValue: periodic } =
        entry.spec.ROBoundarySpec.ROSpecStartTrigger;
      if (type === Start.Immediate) this.#activate(entry);
      // A UTC time to start at is taken as now: offsets count from there.
      if (type === Start.Periodic) entry.nextStart = this.#now + (periodic?.Offset ?? 0);
    }
    this.#changed();
  }

  disable(id: number): void {
    for (const entry of this.#of(id)) {
      this.#halt(entry);
      entry.enabled = false;
      entry.nextStart = undefined;
    }
    this.#changed();
  }

  start(id: number): void {
    const [entry] = id === 0 ? [] : this.#of(id);
    if (entry === undefined) throw fieldFault(0, "A_Invalid", "one ROSpec is started, by its id");
    if (!entry.enabled) throw fieldFault(0, "A_Invalid", `ROSpec ${id} is disabled`);
    if (this.active === id) return;
    if (this.#run !== undefined) throw messageFault("R_DeviceError", `ROSpec ${this.active} is active`);
    this.#activate(entry);
  }

  stop(id: number): void {
    const [entry] = id === 0 ? [] : this.#of(id);
    if (entry === undefined) throw fieldFault(0, "A_Invalid", "one ROSpec is stopped, by its id");
    if (!entry.enabled) throw fieldFault(0, "A_Invalid", `ROSpec ${id} is disabled`);
    this.#halt(entry);
  }

  clear(): void {
    if (this.#entries.size > 0) this.delete(0);
  }

  /** GET_REPORT: what has been gathered is reported now. */
  flush(): void {
    this.#book?.flush();
  }

  tick(now: number): void {
    this.#now = now;
    this.#startDue();
    const run = this.#run;
    if (run === undefined) return;
    const { ROSpecStopTriggerType: type, DurationTriggerValue: limit } = run.spec.ROBoundarySpec.ROSpecStopTrigger;
    const until = type === Stop.Duration && limit > 0 ? run.startedAt + limit : Number.POSITIVE_INFINITY;
    const done = run.tick(Math.min(now, until));
    if (done || now >= until) this.#end();
    else this.#book?.tick(now);
  }

  #startDue(): void {
    for (const entry of this.#entries.values()) {
      if (entry.nextStart === undefined || this.#now < entry.nextStart) continue;
      const period = entry.spec.ROBoundarySpec.ROSpecStartTrigger.PeriodicTriggerValue?.Period ?? 0;
      // One that is still running when it is due again goes on (§11.2.1.1.1).
      this.#activate(entry);
      if (period === 0) entry.nextStart = undefined;
      else while (entry.nextStart <= this.#now) entry.nextStart += period;
    }
  }

  /** There is one priority, so what runs first runs on: a trigger meanwhile does nothing. */
  #activate(entry: Entry): void {
    if (this.#run !== undefined) return;
    const { configuration, port, time, report, event, access } = this.#options;
    const { spec } = entry;
    const book = new ReportBook(spec.ROReportSpec ?? configuration.report, this.#now, time, report);
    this.#book = book;
    this.#roSpecEvent(spec, ROSpecEventType.Start_Of_ROSpec);
    this.#run = new InventoryRun(spec, this.#now, {
      port,
      power: (antenna, override) => {
        const index = override?.RFTransmitter?.TransmitPower ?? configuration.antenna(antenna).powerIndex;
        return powerAt(port.region, index) ?? 0;
      },
      filters: (antenna, override) => {
        const commands = override?.C1G2InventoryCommand ?? configuration.antenna(antenna).inventory;
        return commands[0]?.C1G2Filter ?? [];
      },
      read: (reading, context) => book.observe(reading, context, access.operate(reading, context)),
      endOfAISpec: (SpecIndex, at) => {
        book.endOfAISpec();
        const details = configuration.notifies(Notify.AISpec_Event_With_Details);
        if (!details && !configuration.notifies(Notify.AISpec_Event)) return;
        const collisions = { C1G2SingulationDetails: { NumCollisionSlots: 0, NumEmptySlots: 0 } };
        const EventType = AISpecEventType.End_Of_AISpec;
        const AISpecEvent = { EventType, ROSpecID: spec.ROSpecID, SpecIndex, ...(details ? collisions : {}) };
        event({ AISpecEvent }, at);
      },
      looped: (LoopCount) => {
        if (configuration.notifies(Notify.SpecLoop_Event))
          event({ SpecLoopEvent: { ROSpecID: spec.ROSpecID, LoopCount } });
      },
    });
  }

  #end(): void {
    const spec = this.#run?.spec;
    this.#book?.endOfROSpec();
    this.#run = undefined;
    this.#book = undefined;
    if (spec !== undefined) this.#roSpecEvent(spec, ROSpecEventType.End_Of_ROSpec);
  }

  #halt({ spec }: Entry): void {
    if (this.active === spec.ROSpecID) this.#end();
  }

  #roSpecEvent({ ROSpecID }: ROSpec, EventType: number): void {
    if (!this.#options.configuration.notifies(Notify.ROSpec_Event)) return;
    this.#options.event({ ROSpecEvent: { EventType, ROSpecID, PreemptingROSpecID: 0 } });
  }

  #of(id: number): Entry[] {
    if (id === 0) return [...this.#entries.values()];
    const entry = this.#entries.get(id);
    if (entry === undefined) throw fieldFault(0, "A_Invalid", `there is no ROSpec ${id}`);
    return [entry];
  }

  #changed(): void {
    const { configuration } = this.#options;
    configuration.stateValue = (configuration.stateValue + 1) >>> 0;
  }
}
