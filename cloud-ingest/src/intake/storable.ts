/** Text as PostgreSQL takes it: without U+0000 and half surrogate pairs. */
export function storable(text: string): string {
  return Buffer.from(text.replaceAll("\0", ""), "utf8").toString("utf8");
}

/** PostgreSQL's jsonb refuses U+0000 and half surrogate pairs, which JSON.stringify writes as escapes; nothing else looks like them. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** Whether jsonb takes this text, as JSON.stringify made it. */
export function isStorable(json: string): boolean {
  return !UNSTORABLE.test(json);
}
