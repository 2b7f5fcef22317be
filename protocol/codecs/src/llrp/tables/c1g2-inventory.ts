import type { ParameterTable } from "../definition.js";

/** How Gen2 tags are singulated (LLRP 1.1 §16.2.1.2). */
export const c1g2Inventory = {
  C1G2InventoryCommand: {
    tlv: 330,
    fields: { TagInventoryStateAware: "u1", reserved: 7 },
    parameters: {
      C1G2Filter: "0-N",
      C1G2RFControl: "0-1",
      C1G2SingulationControl: "0-1",
      C1G2Challenge: "0-N",
      Custom: "0-N",
    },
  },
  C1G2Filter: {
    tlv: 331,
    fields: { T: "u2:C1G2TruncateAction", reserved: 6 },
    parameters: {
      C1G2TagInventoryMask: "1",
      C1G2TagInventoryStateAwareFilterAction: "0-1",
      C1G2TagInventoryStateUnawareFilterAction: "0-1",
      ExtendOnTime: "0-1",
    },
  },
  C1G2TagInventoryMask: { tlv: 332, fields: { MB: "u2", reserved: 6, Pointer: "u16", TagMask: "u1v" } },
  C1G2TagInventoryStateAwareFilterAction: {
    tlv: 333,
    fields: { Target: "u8:C1G2StateAwareTarget", Action: "u8:C1G2StateAwareAction" },
  },
  C1G2TagInventoryStateUnawareFilterAction: { tlv: 334, fields: { Action: "u8:C1G2StateUnawareAction" } },
  C1G2RFControl: { tlv: 335, fields: { ModeIndex: "u16", Tari: "u16" } },
  C1G2SingulationControl: {
    tlv: 336,
    fields: { Session: "u2", reserved: 6, TagPopulation: "u16", TagTransitTime: "u32" },
    parameters: { C1G2TagInventoryStateAwareSingulationAction: "0-1" },
  },
  C1G2TagInventoryStateAwareSingulationAction: {
    tlv: 337,
    fields: { I: "u1:C1G2TagInventoryStateAwareI", S: "u1:C1G2TagInventoryStateAwareS", reserved: 6 },
  },
} as const satisfies ParameterTable;
