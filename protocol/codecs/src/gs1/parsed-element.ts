import type { Element } from "./element.js";

/**
 * One element of a barcode with its meaning. In HIBC and ISBT 128 barcodes the data identifier stands in the place of the
 * Application Identifier: `$$3`, `S`, `=/`.
 */
export interface ParsedElement extends Element {
  /** The data title of the standard: "BATCH/LOT". */
  readonly title: string;
  /** Where the value begins in the text that was given: characters before it. */
  readonly position: number;
  /** 'YYYY-MM-DD', with 'THH:MM' or 'THH:MM:SS' where the element has a time; two dates with a slash between. */
  readonly date?: string;
  /** The day was given as 00, or not at all: `date` has the last day of the month. */
  readonly dayUnspecified?: true;
  /** The number with its decimal point, where the identifier says where it stands: "12.50". */
  readonly decimal?: string;
}
