/** The standard's name for a value of one of the enumerations, such as `StatusCode`; undefined for a value without one. */
export function enumerationName(enumeration: Readonly<Record<string, number>>, value: number): string | undefined {
  return Object.entries(enumeration).find(([, number]) => number === value)?.[0];
}
