import type { Acted, Context, TagActKind } from "@storeward/contracts";

/** Where a row of a source's journal stands. */
export interface ActPlace {
  readonly source: string;
  readonly epoch: string;
  readonly seq: number;
}

/** An act as its row in the journal tells it. */
export interface ToldAct extends ActPlace {
  readonly act: TagActKind;
  /** Its number in the register. */
  readonly tag: number;
  readonly item: string;
  readonly at: Date;
  readonly context: Context | undefined;
}

export type ActedBody = Omit<Acted, "tag"> & { readonly tag: number };
