import { type ObservationDraft, observablePlaces, type ShelfReadPoint, type Site } from "@storeward/contracts";

export type Walked = NonNullable<ShelfReadPoint["walked"]>;

/** How boards read what lies on them, learnt from observations of tags whose place is known. */
export class SiteWalk {
  readonly #placeOf: ReadonlyMap<string, string>;
  readonly #sums = new Map<string, { reports: number; rssi: number; reads: number; rounds: number }>();

  constructor(site: Site) {
    const observable = observablePlaces(site);
    this.#placeOf = new Map(
      site.readPoints.flatMap((point) =>
        point.role === "shelf" ? [[point.id, observable.get(point.place) ?? point.place]] : [],
      ),
    );
  }

  /** @param trueAt where a tag truly is now */
  take(draft: ObservationDraft, trueAt: (epc: string) => string | undefined): void {
    if (draft.type === "inventoried")
      for (const { tag, strength } of draft.tags) this.#add(draft.readPoint, tag.epc, strength, trueAt);
    else if (draft.type === "arrived" || draft.type === "seen")
      this.#add(draft.readPoint, draft.tag.epc, draft.strength, trueAt);
  }

  /** By read point, of those that have reported some tag where it was. */
  found(): Map<string, Walked> {
    return new Map(
      [...this.#sums].map(([readPoint, { reports, rssi, reads, rounds }]) => [
        readPoint,
        { rssi: Math.round((rssi / reports) * 10) / 10, rate: Math.round((reads / Math.max(1, rounds)) * 100) / 100 },
      ]),
    );
  }

  #add(
    readPoint: string,
    epc: string,
    { rounds, reads, antennas }: Strength,
    trueAt: (epc: string) => string | undefined,
  ) {
    const place = this.#placeOf.get(readPoint);
    const rssi = Math.max(...antennas.map(({ rssiMean }) => rssiMean));
    if (place === undefined || trueAt(epc) !== place || !Number.isFinite(rssi)) return;
    const sum = this.#sums.get(readPoint) ?? { reports: 0, rssi: 0, reads: 0, rounds: 0 };
    this.#sums.set(readPoint, {
      reports: sum.reports + 1,
      rssi: sum.rssi + rssi,
      reads: sum.reads + Math.min(reads, rounds),
      rounds: sum.rounds + rounds,
    });
  }
}

type Strength = Extract<ObservationDraft, { type: "seen" }>["strength"];

/** The site with what a walk has shown of its boards. */
export function afterWalk(site: Site, walked: Readonly<Record<string, Walked>>): Site {
  const readPoints = site.readPoints.map((point) => {
    const found = walked[point.id];
    return point.role === "shelf" && found !== undefined ? { ...point, walked: found } : point;
  });
  return { ...site, readPoints };
}
