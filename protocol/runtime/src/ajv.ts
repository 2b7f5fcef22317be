import { Ajv, type Options } from "ajv";
import formats from "ajv-formats";

/**
 * A day and time as `toISOString` writes them, but for 29 February. Nearly every one is of this kind, and is known for one at a tenth of what the
 * format costs.
 */
const PLAIN =
  /^\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** Its one schema need not be held against the schema of schemas, which takes longer to compile than most of ours. */
const isDateTime = withFormats(new Ajv({ meta: false, validateSchema: false })).compile<string>({
  type: "string",
  format: "date-time",
});

const instances = new Map<string, Ajv>();

/**
 * The one with these options: each compiles the schema of schemas for itself.
 * Strict: a keyword or format that ajv does not know is a mistake in the schema and throws when it is compiled.
 */
export function ajvWith(options: Pick<Options, "allErrors" | "verbose" | "code">): Ajv {
  const key = JSON.stringify(options);
  const known = instances.get(key);
  if (known !== undefined) return known;
  const ajv = withFormats(new Ajv({ strict: true, allowUnionTypes: true, ...options }));
  ajv.addFormat("date-time", (text: string) => PLAIN.test(text) || isDateTime(text));
  instances.set(key, ajv);
  return ajv;
}

function withFormats(ajv: Ajv): Ajv {
  formats.default(ajv, { mode: "full" });
  return ajv;
}
