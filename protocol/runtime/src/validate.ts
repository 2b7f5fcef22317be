import type { ErrorObject, ValidateFunction } from "ajv";
import type { Static, TSchema } from "typebox";
import { ajvWith } from "./ajv.js";

/** `errors` are short sentences that begin with the place in the value, safe to log and to answer with. */
export type Validation<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly string[] };

const MAX_ERRORS = 20;
const MAX_ERROR_LENGTH = 200;

/**
 * The function it returns checks values without changing them (no defaults, no coercion). The schema is compiled once, with the first value: a
 * process has many that it never meets one for, and compiling all of them took a tenth of its start. Formats (`date-time`, `uuid`, …) are checked. Stops at the first error unless `allErrors`, which costs time on
 * hostile input: use it for what people write, not for what networks bring.
 */
export function validator<T extends TSchema>(
  schema: T,
  options: { readonly allErrors?: boolean | undefined } = {},
): (value: unknown) => Validation<Static<T>> {
  let check: ValidateFunction<Static<T>> | undefined;
  return (value) => {
    check ??= ajvWith({ allErrors: options.allErrors ?? false }).compile<Static<T>>(schema);
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
