import type { ParameterTable } from "../definition.js";

/** Time, status and vendors' parameters (LLRP 1.1 §8.2.2, §15.2, §17.2.1; microseconds of UTC since 1970 or since start). */
export const general = {
  UTCTimestamp: { tlv: 128, fields: { Microseconds: "u64" } },
  Uptime: { tlv: 129, fields: { Microseconds: "u64" } },
  LLRPStatus: {
    tlv: 287,
    fields: { StatusCode: "u16:StatusCode", ErrorDescription: "utf8v" },
    parameters: { FieldError: "0-1", ParameterError: "0-1" },
  },
  FieldError: { tlv: 288, fields: { FieldNum: "u16", ErrorCode: "u16:StatusCode" } },
  ParameterError: {
    tlv: 289,
    fields: { ParameterType: "u16", ErrorCode: "u16:StatusCode" },
    parameters: { FieldError: "0-1", ParameterError: "0-1" },
  },
  Custom: { tlv: 1023, fields: { VendorIdentifier: "u32", ParameterSubtype: "u32", Data: "bytesToEnd" } },
} as const satisfies ParameterTable;
