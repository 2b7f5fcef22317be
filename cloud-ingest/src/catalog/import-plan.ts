import type { NewItem } from "@storeward/contracts";
import type { StorewardError } from "@storeward/runtime";
import { E } from "./errors.js";
import { type Identity, identityOf } from "./identity.js";

/** What an item is, besides its tags. */
export interface ItemFacts extends Identity {
  readonly name: string;
  readonly kind: string;
  readonly homePlace: string | null;
}

export interface KnownItem extends ItemFacts {
  readonly id: string;
  /** Whether a tag is on it now. */
  readonly tagged: boolean;
}

/** What the tables hold of the things that a list could mean. */
export interface Known {
  readonly byEpc: ReadonlyMap<string, KnownItem>;
  readonly byGiai: ReadonlyMap<string, KnownItem>;
  /** By `unitKey`. */
  readonly byUnit: ReadonlyMap<string, KnownItem>;
  readonly placeId: (code: string) => string | undefined;
}

export type Step =
  | { readonly do: "create"; readonly facts: ItemFacts; readonly bind: string | undefined }
  | { readonly do: "change"; readonly item: KnownItem; readonly facts: ItemFacts; readonly bind: string | undefined }
  | { readonly do: "nothing"; readonly item: KnownItem }
  | { readonly do: "refuse"; readonly errors: readonly StorewardError[] };

export function unitKey(gtin: string, serial: string): string {
  return `${gtin} ${serial}`;
}

/**
 * What is to be done for each entry of a list, in its order. An entry means the item that has its EPC, else the one with its GIAI, else the
 * one with its GTIN and serial number; else it is a new one. What an entry leaves out stays as it is.
 */
export function planImport(items: readonly NewItem[], known: Known): Step[] {
  const seen = new Map<string, number>();
  return items.map((item, index) => {
    const { identity, errors: wrong } = identityOf(item);
    const errors = [...wrong, ...twice(item, identity, index, seen)];
    const home = item.home === undefined ? undefined : known.placeId(item.home);
    if (item.home !== undefined && home === undefined) errors.push(E.HOME_UNKNOWN({ home: item.home }));
    const { found, bind, conflict } = whichItem(item, identity, known);
    if (conflict !== undefined) errors.push(conflict);
    if (errors.length > 0) return { do: "refuse", errors };
    const facts: ItemFacts = {
      name: item.name,
      kind: item.kind,
      homePlace: home ?? found?.homePlace ?? null,
      gtin: identity.gtin ?? found?.gtin ?? null,
      giai: identity.giai ?? found?.giai ?? null,
      serial: found?.serial ?? identity.serial,
    };
    if (found === undefined) return { do: "create", facts, bind };
    const same = bind === undefined && changesOf(found, facts).length === 0;
    return same ? { do: "nothing", item: found } : { do: "change", item: found, facts, bind };
  });
}

/** The names of the facts that differ. */
export function changesOf(before: ItemFacts, after: ItemFacts): (keyof ItemFacts)[] {
  return (["name", "kind", "gtin", "giai", "serial", "homePlace"] as const).filter(
    (name) => before[name] !== after[name],
  );
}

interface Which {
  readonly found?: KnownItem;
  /** The EPC to bind to it. */
  readonly bind?: string | undefined;
  readonly conflict?: StorewardError;
}

function whichItem({ epc }: NewItem, { gtin, giai, serial }: Identity, { byEpc, byGiai, byUnit }: Known): Which {
  const onTag = epc === undefined ? undefined : byEpc.get(epc);
  const asset = giai === null ? undefined : byGiai.get(giai);
  const unit = gtin === null || serial === null ? undefined : byUnit.get(unitKey(gtin, serial));
  if (onTag !== undefined && epc !== undefined) {
    const { id: item, name } = onTag;
    if (giai !== null && onTag.giai !== null && giai !== onTag.giai)
      return { conflict: E.EPC_ON_OTHER_ITEM({ epc, item, name, why: `its GIAI is ${onTag.giai}, not ${giai}` }) };
    if (asset !== undefined && asset.id !== item)
      return { conflict: E.EPC_ON_OTHER_ITEM({ epc, item, name, why: `GIAI ${giai} is ${asset.name}` }) };
    return { found: onTag };
  }
  if (asset !== undefined && giai !== null) {
    const { id: item, name } = asset;
    if (epc !== undefined && asset.tagged) return { conflict: E.GIAI_TAKEN({ giai, name, item }) };
    return { found: asset, bind: epc };
  }
  if (unit !== undefined && gtin !== null && serial !== null) {
    const { id: item, name } = unit;
    if (unit.tagged) return { conflict: E.UNIT_TAKEN({ gtin, serial, name, item }) };
    return { found: unit, bind: epc };
  }
  return { bind: epc };
}

/** The same tag, asset or unit can be one thing only. */
function twice(
  { epc }: NewItem,
  { gtin, giai, serial }: Identity,
  index: number,
  seen: Map<string, number>,
): StorewardError[] {
  const firstOf = (key: string): number | undefined => {
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    return first;
  };
  if (epc !== undefined) {
    const first = firstOf(`epc ${epc}`);
    if (first !== undefined) return [E.EPC_TWICE({ epc, first })];
  }
  if (giai !== null) {
    const first = firstOf(`giai ${giai}`);
    if (first !== undefined) return [E.GIAI_TWICE({ giai, first })];
  }
  if (gtin !== null && serial !== null) {
    const first = firstOf(`unit ${unitKey(gtin, serial)}`);
    if (first !== undefined) return [E.UNIT_TWICE({ gtin, serial, first })];
  }
  return [];
}
