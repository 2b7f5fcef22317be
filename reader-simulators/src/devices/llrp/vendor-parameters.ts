import { parameterFault } from "./fault.js";
import type { Session } from "./requests.js";

/** Where Impinj's parameters may stand, by what they stand in. */
const IMPINJ: Readonly<Record<string, readonly string[]>> = {
  SET_READER_CONFIG: ["ImpinjLinkMonitorConfiguration"],
  ROReportSpec: ["ImpinjTagReportContentSelector"],
  C1G2InventoryCommand: ["ImpinjInventorySearchMode"],
};

/**
 * A parameter that is unknown, or of a vendor, anywhere in a request fails the request (LLRP 1.1 §15.2.2); Impinj's are heeded once its
 * extensions are enabled, at their places.
 */
export function refuseUnknown(value: unknown, session: Session, place: string, depth = 0): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || depth > 40) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "unknownParameters" && Array.isArray(inner)) {
      const number = Number((inner[0] as { typeNumber?: number } | undefined)?.typeNumber ?? 0);
      const bad = (inner[0] as { error?: Error } | undefined)?.error;
      if (bad !== undefined) throw parameterFault([number], "P_ParameterError", bad.message);
      const code = number === 1023 ? "P_UnsupportedParameter" : "P_UnexpectedParameter";
      throw parameterFault([number], code, `parameter ${number} is not for here`);
    }
    if (key === "Custom" && Array.isArray(inner)) {
      const allowed = session.extended ? (IMPINJ[place] ?? []) : [];
      const refused = inner.find(({ type }: { type: string }) => !allowed.includes(type));
      if (refused !== undefined) throw parameterFault(["Custom"], "P_UnsupportedParameter", "no vendor's parameter");
    }
    // An array's elements stand in what the array stands in.
    refuseUnknown(inner, session, Array.isArray(value) ? place : key, depth + 1);
  }
}
