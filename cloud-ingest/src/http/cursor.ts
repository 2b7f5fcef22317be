import { defineErrors, validator } from "@storeward/runtime";
import type { Static, TSchema } from "typebox";

const E = defineErrors({
  CURSOR_UNREADABLE: { template: "The cursor is none of this list", status: 400 },
});

/** Where a page ends, as text for the next request: opaque to whoever holds it. */
export function encodeCursor(at: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(at)).toString("base64url");
}

/** Reads cursors of one list. Undefined for none; CURSOR_UNREADABLE for what `encodeCursor` has not made for this list. */
export function cursorReader<S extends TSchema>(schema: S): (cursor: string | undefined) => Static<S> | undefined {
  const check = validator(schema);
  return (cursor) => {
    if (cursor === undefined) return undefined;
    const read = check(parsed(cursor));
    if (!read.ok) throw E.CURSOR_UNREADABLE();
    return read.value;
  };
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
