import type { VariableSpec } from "./dashboard.js";
import { tagValues } from "./influxql.js";

export const PLACE: VariableSpec = { name: "place", label: "Place", query: tagValues("occupancy", "place") };
export const KIND: VariableSpec = { name: "kind", label: "Kind", query: tagValues("occupancy", "kind") };
export const DOOR: VariableSpec = { name: "door", label: "Door", query: tagValues("passages", "read_point") };
export const GATEWAY: VariableSpec = { name: "gateway", label: "Gateway", query: tagValues("gateway", "agent") };
export const EQUIPMENT: VariableSpec = { name: "kind", label: "Kind", query: tagValues("utilisation", "kind") };
