import type { Tag } from "@storeward/contracts";

/** The tag of a read, without what it does not tell. */
export function tagOf({ epc, pc, tid }: { epc: string; pc?: string | undefined; tid?: string | undefined }): Tag {
  return { epc, ...(pc === undefined ? {} : { pc }), ...(tid === undefined ? {} : { tid }) };
}
