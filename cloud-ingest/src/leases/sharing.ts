/** A process that lives, as the database knows it. */
export interface Sharer {
  readonly id: string;
  /** It hears agents. One that does not has no share while another does. */
  readonly hears: boolean;
}

/** The holder of a partition; null where it is free. A holder that is not among those that live has left it free. */
export interface Held {
  readonly partition: number;
  readonly holder: string | null;
}

export interface Move {
  /** How many of those that are free, whichever: several take at once. */
  readonly take: number;
  readonly give: readonly number[];
}

/**
 * What `self` does next for everybody to have a fair share: shares differ by one at most, and the larger ones are of those that hold more
 * already, so that where all is shared nothing moves. Whoever has too much gives, whoever has too little takes what is free, each by itself:
 * the shares add up to all there are, so too much here is too little elsewhere.
 */
export function nextMove(self: string, living: readonly Sharer[], leases: readonly Held[]): Move {
  const counts = new Map(living.map(({ id }) => [id, 0]));
  for (const { holder } of leases)
    if (holder !== null && counts.has(holder)) counts.set(holder, (counts.get(holder) ?? 0) + 1);
  const mine = leases.filter(({ holder }) => holder === self).map(({ partition }) => partition);
  const share = sharesOf(living, counts, leases.length).get(self) ?? 0;
  return { take: Math.max(0, share - mine.length), give: mine.slice(share) };
}

/** How many partitions each process is to have. Where nobody hears agents, what they sent before is still followed. */
function sharesOf(living: readonly Sharer[], counts: ReadonlyMap<string, number>, all: number): Map<string, number> {
  const hearing = living.filter(({ hears }) => hears);
  const sharing = hearing.length > 0 ? hearing : living;
  const held = (id: string): number => counts.get(id) ?? 0;
  const ranked = sharing.map(({ id }) => id).sort((a, b) => held(b) - held(a) || (a < b ? -1 : 1));
  const least = Math.floor(all / ranked.length);
  const larger = all % ranked.length;
  return new Map(ranked.map((id, rank) => [id, least + (rank < larger ? 1 : 0)]));
}
