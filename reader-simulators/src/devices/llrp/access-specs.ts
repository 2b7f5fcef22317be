import {
  AccessSpecState,
  AccessSpecStopTriggerType,
  C1G2BlockEraseResultType,
  C1G2BlockPermalockResultType,
  C1G2BlockWriteResultType,
  C1G2GetBlockPermalockStatusResultType,
  C1G2KillResultType,
  C1G2LockResultType,
  C1G2ReadResultType,
  C1G2RecommissionResultType,
  C1G2WriteResultType,
  type LlrpParameter,
} from "@storeward/codecs/llrp";
import type { Reading } from "../../radio/field.js";
import { hash32 } from "../../random.js";
import { LIMITS } from "./capabilities.js";
import { fieldFault, parameterFault } from "./fault.js";
import { matchesMask } from "./filters.js";
import type { ReadContext, TagEntry } from "./report-book.js";

type AccessSpec = LlrpParameter<"AccessSpec">;
type OpSpec = AccessSpec["AccessCommand"]["AccessCommandOpSpec"][number];
type Result = NonNullable<LlrpParameter<"TagReportData">["AccessCommandOpSpecResult"]>[number];

/** The operations of LLRP 1.1 on a tag. */
const EXECUTED: ReadonlySet<OpSpec["type"]> = new Set([
  "C1G2Read",
  "C1G2Write",
  "C1G2Kill",
  "C1G2Lock",
  "C1G2BlockErase",
  "C1G2BlockWrite",
  "C1G2Recommission",
  "C1G2BlockPermalock",
  "C1G2GetBlockPermalockStatus",
]);

interface Entry {
  readonly spec: AccessSpec;
  active: boolean;
  done: number;
}

/**
 * The reader's AccessSpecs (LLRP 1.1 §12). EPC and TID of these tags can be read; what would change a tag
 * is answered by the tag with an error, for the tags of the simulated hospital are locked.
 */
export class AccessSpecs {
  readonly #entries = new Map<number, Entry>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  list(): AccessSpec[] {
    return [...this.#entries.values()].map(({ spec, active }) => ({
      ...spec,
      CurrentState: active ? AccessSpecState.Active : AccessSpecState.Disabled,
    }));
  }

  add(spec: AccessSpec): void {
    if (spec.AccessSpecID === 0 || this.#entries.has(spec.AccessSpecID)) {
      throw parameterFault(["AccessSpec"], "A_Invalid", `an AccessSpec ${spec.AccessSpecID} cannot be added`, 0);
    }
    if (spec.CurrentState !== AccessSpecState.Disabled) {
      throw parameterFault(["AccessSpec"], "A_Invalid", "an AccessSpec is added disabled", 3);
    }
    if (this.#entries.size >= LIMITS.accessSpecs) {
      throw parameterFault(["AccessSpec"], "P_OverflowParameter", `at most ${LIMITS.accessSpecs} AccessSpecs`);
    }
    const ops = spec.AccessCommand.AccessCommandOpSpec;
    if (ops.length > LIMITS.opSpecsPerAccessSpec) {
      throw parameterFault(
        ["AccessSpec", 209],
        "P_OverflowParameter",
        `at most ${LIMITS.opSpecsPerAccessSpec} OpSpecs`,
      );
    }
    const refused = ops.find(({ type }) => !EXECUTED.has(type));
    if (refused !== undefined) {
      const path = ["AccessSpec", 209, refused.type === "ClientRequestOpSpec" ? 210 : 1023] as const;
      // What LLRP 2.0 added has a number of its own, but is no vendor's: then the command is named.
      const named = refused.type.startsWith("C1G2") ? path.slice(0, 2) : path;
      throw parameterFault(named, "P_UnsupportedParameter", `${refused.type} is not supported`);
    }
    this.#entries.set(spec.AccessSpecID, { spec, active: false, done: 0 });
    this.#changed();
  }

  delete(id: number): void {
    for (const entry of this.#of(id)) this.#entries.delete(entry.spec.AccessSpecID);
    this.#changed();
  }

  enable(id: number): void {
    for (const entry of this.#of(id)) entry.active = true;
    this.#changed();
  }

  disable(id: number): void {
    for (const entry of this.#of(id)) entry.active = false;
    this.#changed();
  }

  clear(): void {
    this.#entries.clear();
  }

  /** What the first AccessSpec that fits does to a tag just singulated (§12.2.1.1: the one added first). */
  operate(reading: Reading, context: ReadContext): Pick<TagEntry, "accessSpecId" | "results"> | undefined {
    for (const entry of this.#entries.values()) {
      const { spec } = entry;
      if (!entry.active || (spec.AntennaID !== 0 && spec.AntennaID !== context.antenna)) continue;
      if (spec.ROSpecID !== 0 && spec.ROSpecID !== context.roSpecId) continue;
      if (!spec.AccessCommand.C1G2TagSpec.C1G2TargetTag.every((target) => targets(reading.epc, target))) continue;
      entry.done++;
      const { AccessSpecStopTrigger: stop, OperationCountValue } = spec.AccessSpecStopTrigger;
      const last = stop === AccessSpecStopTriggerType.Operation_Count && entry.done >= OperationCountValue;
      if (last && OperationCountValue > 0) this.#entries.delete(spec.AccessSpecID);
      const results = spec.AccessCommand.AccessCommandOpSpec.flatMap((op) => resultOf(reading.epc, op));
      return { accessSpecId: spec.AccessSpecID, results };
    }
    return undefined;
  }

  #of(id: number): Entry[] {
    if (id === 0) return [...this.#entries.values()];
    const entry = this.#entries.get(id);
    if (entry === undefined) throw fieldFault(0, "A_Invalid", `there is no AccessSpec ${id}`);
    return [entry];
  }
}

/** The pattern is the bits of TagData under TagMask. */
function targets(epc: string, { MB, Match, Pointer, TagMask, TagData }: LlrpParameter<"C1G2TargetTag">): boolean {
  const bits = Math.min(TagMask.bitCount, TagData.bitCount);
  for (let bit = 0; bit < bits; bit++) {
    const wanted = ((TagMask.bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
    if (wanted === 0) continue;
    const data = ((TagData.bytes[bit >> 3] ?? 0) << (bit & 7)) & 0x80;
    const one = { MB, Pointer: Pointer + bit, TagMask: { bitCount: 1, bytes: Uint8Array.of(data) } };
    if (!matchesMask(epc, one)) return !Match;
  }
  return Match;
}

function resultOf(epc: string, op: OpSpec): Result[] {
  switch (op.type) {
    case "C1G2Read":
      return [readResult(epc, op)];
    case "C1G2Write": {
      const Result = C1G2WriteResultType.Tag_Memory_Locked_Error;
      return [{ type: "C1G2WriteOpSpecResult", Result, OpSpecID: op.OpSpecID, NumWordsWritten: 0 }];
    }
    case "C1G2BlockWrite": {
      const Result = C1G2BlockWriteResultType.Tag_Memory_Locked_Error;
      return [{ type: "C1G2BlockWriteOpSpecResult", Result, OpSpecID: op.OpSpecID, NumWordsWritten: 0 }];
    }
    case "C1G2BlockErase": {
      const Result = C1G2BlockEraseResultType.Tag_Memory_Locked_Error;
      return [{ type: "C1G2BlockEraseOpSpecResult", Result, OpSpecID: op.OpSpecID }];
    }
    case "C1G2Kill":
      return [
        { type: "C1G2KillOpSpecResult", Result: C1G2KillResultType.Zero_Kill_Password_Error, OpSpecID: op.OpSpecID },
      ];
    case "C1G2Lock":
      return [
        { type: "C1G2LockOpSpecResult", Result: C1G2LockResultType.Tag_Memory_Locked_Error, OpSpecID: op.OpSpecID },
      ];
    case "C1G2Recommission": {
      const Result = C1G2RecommissionResultType.Nonspecific_Tag_Error;
      return [{ type: "C1G2RecommissionOpSpecResult", Result, OpSpecID: op.OpSpecID }];
    }
    case "C1G2BlockPermalock": {
      const Result = C1G2BlockPermalockResultType.Nonspecific_Tag_Error;
      return [{ type: "C1G2BlockPermalockOpSpecResult", Result, OpSpecID: op.OpSpecID }];
    }
    case "C1G2GetBlockPermalockStatus": {
      const Result = C1G2GetBlockPermalockStatusResultType.Nonspecific_Tag_Error;
      const status = { Result, OpSpecID: op.OpSpecID, PermalockStatus: [] };
      return [{ type: "C1G2GetBlockPermalockStatusOpSpecResult", ...status }];
    }
    default:
      return [];
  }
}

function readResult(epc: string, { OpSpecID, MB, WordPointer, WordCount }: LlrpParameter<"C1G2Read">): Result {
  const bank = MB === 1 ? [0, (epc.length / 4) << 11, ...wordsOf(epc)] : MB === 2 ? wordsOf(tidOf(epc)) : undefined;
  const ReadData = bank?.slice(WordPointer, WordCount === 0 ? undefined : WordPointer + WordCount) ?? [];
  const whole = bank !== undefined && ReadData.length > 0 && (WordCount === 0 || ReadData.length === WordCount);
  const Result = whole ? C1G2ReadResultType.Success : C1G2ReadResultType.Memory_Overrun_Error;
  return { type: "C1G2ReadOpSpecResult", Result, OpSpecID, ReadData: whole ? ReadData : [] };
}

/** A chip's own number: the same for the same tag; E2, then a maker that does not exist (TDS 2.3 §16). */
export function tidOf(epc: string): string {
  const serial = [hash32(1, epc), hash32(2, epc)].map((part) => part.toString(16).padStart(8, "0")).join("");
  return `E2FFF000${serial}`.toUpperCase();
}

function wordsOf(hex: string): number[] {
  return (hex.match(/.{4}/g) ?? []).map((word) => Number.parseInt(word, 16));
}
