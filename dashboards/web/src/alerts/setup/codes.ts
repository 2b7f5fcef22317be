const LONGEST = 40;

/** A code for something that people gave a title: "Pump left ward 3" is "pump-left-ward-3"; with a number where that is taken. */
export function codeOf(title: string, taken: ReadonlySet<string>): string {
  const plain = title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-");
  const code = trimmed(plain) || "own";
  for (let n = 1; ; n++) {
    const end = n === 1 ? "" : `-${n}`;
    const tried = `${trimmed(code.slice(0, LONGEST - end.length))}${end}`;
    if (!taken.has(tried)) return tried;
  }
}

const trimmed = (code: string) => code.slice(0, LONGEST).replace(/^-+|-+$/g, "");

/** Roles as they are typed: "Technician, ward-3-lead". */
export function rolesOf(text: string): string[] {
  return [
    ...new Set(
      text
        .toLowerCase()
        .split(/[\s,;]+/)
        .filter((role) => role !== ""),
    ),
  ];
}
