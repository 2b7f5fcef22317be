import type { ParameterTable } from "../definition.js";

/** What became of operations on tags (LLRP 1.1 §16.2.1.5). */
export const accessResults = {
  ClientRequestOpSpecResult: { tv: 15, fields: { OpSpecID: "u16" } },
  C1G2ReadOpSpecResult: { tlv: 349, fields: { Result: "u8:C1G2ReadResultType", OpSpecID: "u16", ReadData: "u16v" } },
  C1G2WriteOpSpecResult: {
    tlv: 350,
    fields: { Result: "u8:C1G2WriteResultType", OpSpecID: "u16", NumWordsWritten: "u16" },
  },
  C1G2KillOpSpecResult: { tlv: 351, fields: { Result: "u8:C1G2KillResultType", OpSpecID: "u16" } },
  C1G2LockOpSpecResult: { tlv: 352, fields: { Result: "u8:C1G2LockResultType", OpSpecID: "u16" } },
  C1G2BlockEraseOpSpecResult: { tlv: 353, fields: { Result: "u8:C1G2BlockEraseResultType", OpSpecID: "u16" } },
  C1G2BlockWriteOpSpecResult: {
    tlv: 354,
    fields: { Result: "u8:C1G2BlockWriteResultType", OpSpecID: "u16", NumWordsWritten: "u16" },
  },
  C1G2RecommissionOpSpecResult: { tlv: 360, fields: { Result: "u8:C1G2RecommissionResultType", OpSpecID: "u16" } },
  C1G2BlockPermalockOpSpecResult: { tlv: 361, fields: { Result: "u8:C1G2BlockPermalockResultType", OpSpecID: "u16" } },
  C1G2GetBlockPermalockStatusOpSpecResult: {
    tlv: 362,
    fields: { Result: "u8:C1G2GetBlockPermalockStatusResultType", OpSpecID: "u16", PermalockStatus: "u16v" },
  },
} as const satisfies ParameterTable;
