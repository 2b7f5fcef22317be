type Meaning = "date" | "date and time" | "din" | "count";

export interface IsbtStructure {
  readonly title: string;
  /** What the content is, as a regular expression; its length is fixed but for lot numbers. */
  readonly pattern: RegExp;
  readonly length: number;
  readonly meaning?: Meaning;
}

/** The data structures that are interpreted, by data identifier (ISBT 128 Standard Technical Specification ST-001 §2.4, table RT003). */
export const isbtStructures: Readonly<Record<string, IsbtStructure>> = {
  // The character behind = is the first of the number.
  "=": {
    title: "DONATION ID",
    length: 15,
    pattern: /^[A-NP-Z1-9][A-NP-Z0-9]{2}\d{2}\d{8}[0-9A-HJ-NPR-Y]{2}$/,
    meaning: "din",
  },
  "=/": { title: "PROCESSOR PRODUCT ID", length: 16, pattern: /^[A-NP-Z0-9]{5}[A-Z0-9]{11}$/ },
  "=,": { title: "PRODUCT DIVISIONS (SERIAL)", length: 6, pattern: /^[A-Z0-9]{6}$/ },
  "=>": { title: "EXPIRATION DATE", length: 6, pattern: /^\d{6}$/, meaning: "date" },
  "&>": { title: "EXPIRATION DATE AND TIME", length: 10, pattern: /^\d{10}$/, meaning: "date and time" },
  "=*": { title: "COLLECTION DATE", length: 6, pattern: /^\d{6}$/, meaning: "date" },
  "&*": { title: "COLLECTION DATE AND TIME", length: 10, pattern: /^\d{10}$/, meaning: "date and time" },
  "=}": { title: "PRODUCTION DATE", length: 6, pattern: /^\d{6}$/, meaning: "date" },
  "&}": { title: "PRODUCTION DATE AND TIME", length: 10, pattern: /^\d{10}$/, meaning: "date and time" },
  "=<": { title: "PRODUCT CODE", length: 8, pattern: /^[A-Za-z0-9]{8}$/ },
  "=%": { title: "BLOOD GROUPS", length: 4, pattern: /^[A-Za-z0-9]{4}$/ },
  "=)": { title: "CONTAINER MANUFACTURER AND CATALOG No.", length: 10, pattern: /^[A-Z0-9]{10}$/ },
  "&)": { title: "CONTAINER LOT", length: 10, pattern: /^[A-Z0-9]{10}$/ },
  "=-": { title: "MANUFACTURER AND CATALOG No.", length: 10, pattern: /^[A-Z0-9]{10}$/ },
  "&-": { title: "LOT", length: 10, pattern: /^[A-Z0-9]{10}$/ },
  "&,1": { title: "MPHO LOT", length: 18, pattern: /^[A-Z0-9]{1,18}$/ },
  "=+": { title: "COMPOUND MESSAGE", length: 5, pattern: /^\d{5}$/, meaning: "count" },
};
