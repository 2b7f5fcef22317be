import { en, type Messages } from "./en.js";

/** The texts in the reader's language; English is the only one so far. */
export const t: Messages = en;
