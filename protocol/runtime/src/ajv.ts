import { Ajv, type Options } from "ajv";
import formats from "ajv-formats";

/** Strict: a keyword or format that ajv does not know is a mistake in the schema and throws when it is compiled. */
export function createAjv(options: Options): Ajv {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, ...options });
  formats.default(ajv, { mode: "full" });
  return ajv;
}
