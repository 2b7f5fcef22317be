/** What makes one simulated LLRP reader other than the next. */
export interface LlrpFlavour {
  /** Impinj: its extensions, once enabled; a dead connection is kept unless the link monitor is set. Default: nobody's product. */
  readonly vendor?: "impinj";
  /** 1: knows LLRP 1.0.1 only. */
  readonly newestVersion?: 1 | 2;
  /** False: no clock; times are since it was started. */
  readonly utc?: boolean;
  /** False: what is read while nobody is connected is gone, and holding is refused. */
  readonly hold?: boolean;
}

/** Private enterprise numbers; IANA's for documentation is of nobody's product. */
const MANUFACTURER = { plain: 32473, impinj: 25882 } as const;

export function manufacturerOf({ vendor }: LlrpFlavour): number {
  return MANUFACTURER[vendor ?? "plain"];
}
