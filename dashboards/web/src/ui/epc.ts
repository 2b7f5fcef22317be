/** A tag's hex in groups of four, as one reads and compares it. */
export function spaced(epc: string): string {
  return epc.replace(/(.{4})(?=.)/g, "$1 ");
}

/** The end of a tag's hex, where two tags of one kind differ. */
export function shortEpc(epc: string): string {
  return epc.length <= 10 ? epc : `…\u2060${epc.slice(-8)}`;
}
