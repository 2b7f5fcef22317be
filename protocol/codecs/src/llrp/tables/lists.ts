import type { ListTable } from "../definition.js";

/**
 * Parameters whose order among each other has a meaning: specs run, operations are executed and results are reported in
 * the order given (LLRP 1.1 §10.2.1, §11.2.1.2). Each is one array, and its elements say what they are by `type`.
 */
export const lists = {
  SpecParameter: ["AISpec", "RFSurveySpec", "LoopSpec", "Custom"],
  AccessCommandOpSpec: [
    "C1G2Read",
    "C1G2Write",
    "C1G2Kill",
    "C1G2Recommission",
    "C1G2Lock",
    "C1G2BlockErase",
    "C1G2BlockWrite",
    "C1G2BlockPermalock",
    "C1G2GetBlockPermalockStatus",
    "C1G2Untraceable",
    "C1G2Authenticate",
    "C1G2AuthComm",
    "C1G2SecureComm",
    "C1G2ReadBuffer",
    "C1G2KeyUpdate",
    "C1G2TagPrivilege",
    "ClientRequestOpSpec",
    "Custom",
  ],
  AccessCommandOpSpecResult: [
    "C1G2ReadOpSpecResult",
    "C1G2WriteOpSpecResult",
    "C1G2KillOpSpecResult",
    "C1G2RecommissionOpSpecResult",
    "C1G2LockOpSpecResult",
    "C1G2BlockEraseOpSpecResult",
    "C1G2BlockWriteOpSpecResult",
    "C1G2BlockPermalockOpSpecResult",
    "C1G2GetBlockPermalockStatusOpSpecResult",
    "C1G2UntraceableOpSpecResult",
    "C1G2AuthenticateOpSpecResult",
    "C1G2AuthCommOpSpecResult",
    "C1G2SecureCommOpSpecResult",
    "C1G2ReadBufferOpSpecResult",
    "C1G2KeyUpdateOpSpecResult",
    "C1G2TagPrivilegeOpSpecResult",
    "ClientRequestOpSpecResult",
  ],
  Custom: ["Custom"],
} as const satisfies ListTable;
