/** "1 thing", "2,000 things". */
export const plural = (n: number, one: string, many: string) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** "a, b, and c" */
export const list = new Intl.ListFormat("en", { type: "conjunction" });
