import type { FeedItem } from "./feed.js";

/** Things of one kind that went together. */
export interface KindGroup {
  readonly kind: string;
  readonly items: readonly FeedItem[];
}

/** By kind, the most numerous first; names in order within. */
export function groupByKind(items: readonly FeedItem[]): KindGroup[] {
  const groups = new Map<string, FeedItem[]>();
  for (const item of items) groups.set(item.kind, [...(groups.get(item.kind) ?? []), item]);
  return [...groups]
    .map(([kind, of]) => ({
      kind,
      items: of.toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true })),
    }))
    .toSorted((a, b) => b.items.length - a.items.length || a.kind.localeCompare(b.kind));
}
