import { join } from "node:path";

/** The folder of the hospital in a box: its site and its items. Also from the file of a whole program, which lies beside this module. */
export const DEMONSTRATION = join(import.meta.dirname, "../site");
