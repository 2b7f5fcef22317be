import type { AgentConfig, ConfigRefusal, Observation, Telemetry } from "@storeward/contracts";
import type { Clock } from "@storeward/runtime";
import type { EdgeJournal } from "../journal/journal.js";
import type { Uplink } from "../uplink/uplink.js";

/** Everything the status page, `/metrics` and `/healthz` tell: of one moment. */
export interface DeviceFacts {
  readonly software: string;
  readonly telemetry: Omit<Telemetry, "session">;
  readonly configuration: {
    readonly version: number;
    readonly from: "agent.yaml" | "the cloud";
    readonly refusal: ConfigRefusal | undefined;
  };
  readonly uplink: {
    readonly url: string;
    readonly connected: boolean;
    readonly answered: boolean;
    /** Since when connected, mono ms. */
    readonly since: number | undefined;
  };
  /** Undefined before the cloud has told the time. */
  readonly clock: { readonly offsetMs: number; readonly plusMinusMs: number; readonly source: string } | undefined;
  /** Of the oldest row the cloud has not committed, ms; undefined where there is none. */
  readonly oldestUnsentMs: number | undefined;
  /** What keeps the device from its work though the process runs: see `stuckOf`. */
  readonly stuck: string | undefined;
}

export interface FactsSources {
  readonly software: string;
  readonly telemetry: DeviceFacts["telemetry"];
  readonly configuration: DeviceFacts["configuration"];
  readonly cloud: Pick<AgentConfig["cloud"], "url">;
  readonly uplink: Pick<Uplink, "state" | "cloudTime">;
  readonly journal: Pick<EdgeJournal, "read" | "boot">;
  readonly stuck: string | undefined;
  readonly clock: Pick<Clock, "mono" | "wall">;
}

export function factsOf(sources: FactsSources): DeviceFacts {
  const { software, telemetry, configuration, cloud, uplink, journal, stuck, clock } = sources;
  return {
    software,
    telemetry,
    configuration,
    uplink: { url: cloud.url, ...uplink.state() },
    clock: uplink.cloudTime(),
    oldestUnsentMs: oldestUnsent(journal, telemetry.journal.acked, clock),
    stuck,
  };
}

/** Rows that are still to be handed over. */
export function unsentRows({ journal: { head, acked } }: Pick<Telemetry, "journal">): number {
  return Math.max(0, head - acked);
}

function oldestUnsent(
  journal: Pick<EdgeJournal, "read" | "boot">,
  acked: number,
  clock: Pick<Clock, "mono" | "wall">,
): number | undefined {
  const [row] = journal.read(acked, 1, 1);
  if (row === undefined) return undefined;
  const { at } = JSON.parse(row.body) as Pick<Observation, "at">;
  // Of another boot only the wall clock of then is known.
  return Math.max(0, at.boot === journal.boot ? clock.mono() - at.mono : clock.wall() - Date.parse(at.wall));
}
