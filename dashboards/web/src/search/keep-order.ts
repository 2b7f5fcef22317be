/** The things in the order they had; new ones at the end. */
export function keepOrder<T extends { readonly id: string }>(things: readonly T[], order: readonly string[]): T[] {
  const place = new Map(order.map((id, i) => [id, i]));
  const at = ({ id }: T) => place.get(id) ?? order.length;
  return things.toSorted((a, b) => at(a) - at(b));
}
