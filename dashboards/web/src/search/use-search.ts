import type { ItemPage, KindSummary } from "@storeward/contracts";
import { mergeItem } from "../api/merge.js";
import { useApp } from "../app/app.js";
import { useMoves, useSoon } from "../ui/live-hooks.js";
import { type Resource, useResource } from "../ui/resource.js";
import { useHere } from "./use-here.js";

export interface Found {
  readonly q: string;
  readonly place: string | null;
  readonly kinds: readonly KindSummary[];
  readonly page: ItemPage;
}

/** Put in order on the page, so it takes more than a screen's worth; beyond this one narrows the search. */
const MOST = 300;

/** What is called `q`, or is in `place`; follows the live events. Nothing is asked where both are empty. */
export function useSearch(q: string, place: string | null): Resource<Found> {
  const { client } = useApp();
  const near = useHere();
  const key = q === "" && place === null ? null : `${near ?? ""} ${place ?? ""} ${q}`;
  const resource = useResource<Found>(
    key,
    async (signal) => {
      const [kinds, page] = await Promise.all([
        q === "" || place !== null ? { kinds: [] } : client.kinds(q, signal),
        client.items(
          {
            limit: MOST,
            ...(q === "" ? {} : { q }),
            ...(place === null ? {} : { place }),
            // The order is the page's own; where there are more than it takes, they are to be the near ones.
            ...(near === null ? {} : { near }),
          },
          signal,
        ),
      ]);
      return { q, place, kinds: kinds.kinds, page };
    },
    { keep: key !== null },
  );
  const soon = useSoon(resource.reload, 700, 2_500);
  useMoves(({ item }) => {
    if (key === null) return;
    resource.change((found) => ({ ...found, page: mergeItem(found.page, item) }));
    soon();
  });
  return resource;
}
