import type { ErrorObject } from "ajv";
import type { Static, TSchema } from "typebox";
import { ajvWith } from "./ajv.js";

/** `errors` are short sentences that begin with the place in the value, safe to log and to answer with. */
export type Validation<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly string[] };

const MAX_ERRORS = 20;
const MAX_ERROR_LENGTH = 200;

/**
 * Compiles a schema once; the function it returns checks values without changing them (no defaults, no coercion).
 * Formats (`date-time`, `uuid`, …) are checked. Stops at the first error unless `allErrors`, which costs time on
 * hostile input: use it for what people write, not for what networks bring.
 */
export function validator<T extends TSchema>(
  schema: T,
  options: { readonly allErrors?: boolean | undefined } = {},
): (value: unknown) => Validation<Static<T>> {
  const check = ajvWith({ allErrors: options.allErrors ?? false }).compile<Static<T>>(schema);
  return (value) => {
    if (check(value)) return { ok: true, value };
    return { ok: false, errors: (check.errors ?? []).slice(0, MAX_ERRORS).map(sentence) };
  };
}

function sentence({ instancePath, keyword, message, params }: ErrorObject): string {
  const { additionalProperty, allowedValue, allowedValues }: Record<string, unknown> = params;
  const detail = additionalProperty ?? allowedValue ?? allowedValues;
  const said = `${instancePath === "" ? "value" : instancePath} ${message ?? keyword}`;
  const text = detail === undefined ? said : `${said} (${String(detail)})`;
  return text.length > MAX_ERROR_LENGTH ? `${text.slice(0, MAX_ERROR_LENGTH - 1)}…` : text;
}
