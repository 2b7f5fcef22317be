/** One GS1 element: an Application Identifier and the value that it says something of, as the General Specifications write them. */
export interface Element {
  /** 2 to 4 digits. */
  readonly ai: string;
  readonly value: string;
}

/** Elements for people, each identifier in brackets (GS1 General Specifications §4.14): `(01)09506000134352(21)6789`. */
export function bracketed(elements: readonly Element[]): string {
  return elements.map(({ ai, value }) => `(${ai})${value}`).join("");
}
