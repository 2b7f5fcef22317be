import type { ParameterTable } from "../definition.js";

/** Cryptographic suites, keys and hidden memory of Gen2 V2 tags: what LLRP 2.0 adds (§16.3). */
export const c1g2Security = {
  CryptoResponse: { tlv: 290, fields: { RespBitLen: "u16", Message: "u1v" } },
  C1G2UntraceableOpSpecResult: { tlv: 364, fields: { Result: "u8", OpSpecID: "u16" } },
  C1G2Challenge: {
    tlv: 366,
    fields: { reserved: 6, L: "u1", E: "u1", CSI: "u8", MsgLen: "u16", Message: "u1v", ExtendOnTime: "u32" },
  },
  C1G2Authenticate: {
    tlv: 367,
    fields: {
      OpSpecID: "u16",
      AccessPassword: "u32",
      S: "u1",
      L: "u1",
      reserved: 6,
      CSI: "u8",
      MsgLen: "u16",
      Message: "u1v",
    },
  },
  C1G2AuthComm: {
    tlv: 368,
    fields: { OpSpecID: "u16", AccessPassword: "u32", L: "u1", reserved: 7, MsgLen: "u16", Message: "u1v" },
  },
  C1G2SecureComm: {
    tlv: 369,
    fields: { OpSpecID: "u16", AccessPassword: "u32", S: "u1", L: "u1", reserved: 6, MsgLen: "u16", Message: "u1v" },
  },
  C1G2ReadBuffer: { tlv: 370, fields: { OpSpecID: "u16", AccessPassword: "u32", WordPtr: "u16", NumBits: "u16" } },
  C1G2KeyUpdate: {
    tlv: 372,
    fields: {
      OpSpecID: "u16",
      AccessPassword: "u32",
      S: "u1",
      L: "u1",
      reserved: 6,
      KeyID: "u16",
      MsgLen: "u16",
      Message: "u1v",
    },
  },
  C1G2TagPrivilege: {
    tlv: 373,
    fields: {
      OpSpecID: "u16",
      AccessPassword: "u32",
      S: "u1",
      L: "u1",
      A: "u1",
      T: "u1",
      reserved: 4,
      KeyID: "u16",
      Privilege: "u16",
    },
  },
  C1G2AuthenticateOpSpecResult: {
    tlv: 374,
    fields: { Result: "u8", OpSpecID: "u16", RespBitLen: "u16", Response: "u1v" },
  },
  C1G2AuthCommOpSpecResult: {
    tlv: 375,
    fields: { Result: "u8", OpSpecID: "u16", RespBitLen: "u16", Response: "u1v" },
  },
  C1G2SecureCommOpSpecResult: {
    tlv: 376,
    fields: { Result: "u8", OpSpecID: "u16", RespBitLen: "u16", Response: "u1v" },
  },
  C1G2ReadBufferOpSpecResult: {
    tlv: 377,
    fields: { Result: "u8", OpSpecID: "u16", RespBitLen: "u16", Response: "u1v" },
  },
  C1G2KeyUpdateOpSpecResult: {
    tlv: 378,
    fields: { Result: "u8", OpSpecID: "u16", RespBitLen: "u16", Response: "u1v" },
  },
  C1G2TagPrivilegeOpSpecResult: {
    tlv: 379,
    fields: { Result: "u8", OpSpecID: "u16", reserved: 7, T: "u1", KeyID: "u16", Privilege: "u16" },
  },
  C1G2Untraceable: {
    tlv: 380,
    fields: {
      OpSpecID: "u16",
      AccessPassword: "u32",
      U: "u1",
      reserved: 1,
      EPC: "u6",
      TID: "u2",
      User: "u1",
      Range: "u2",
      reservedToo: 3,
    },
  },
  ExtendOnTime: { tlv: 381, fields: { Time: "u32" } },
} as const satisfies ParameterTable;
