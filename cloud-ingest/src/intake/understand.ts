import { isUtf8 } from "node:buffer";
import { isSource, MAX_COPY_BYTES, OBSERVATION_SCHEMAS, SOURCE_SCHEMAS, type Tag } from "@storeward/contracts";
import { type Validation, validator } from "@storeward/runtime";
import type { TSchema } from "typebox";
import type { RecordedObservation, Told } from "../journal/index.js";
import { isStorable } from "./storable.js";

type Checkers = ReadonlyMap<string, (value: unknown) => Validation<unknown>>;

const ofAgents = checkersOf(OBSERVATION_SCHEMAS);
const ofSources = checkersOf(SOURCE_SCHEMAS);

function checkersOf(schemas: Readonly<Record<string, TSchema>>): Checkers {
  return new Map(Object.entries(schemas).map(([type, schema]) => [type, validator(schema)]));
}

export type Understood =
  | { readonly ok: true; readonly observation: Told }
  | { readonly ok: false; readonly error: string };

/** Reads a row's body of an agent, or of a source. What is not an observation as this release knows them says why. Never throws. */
export function understand(from: string, body: Buffer): Understood {
  if (body.length > MAX_COPY_BYTES) return misunderstood(`${body.length} bytes`);
  if (!isUtf8(body)) return misunderstood("not UTF-8");
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    return misunderstood("not JSON");
  }
  const type = typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
  const check = (isSource(from) ? ofSources : ofAgents).get(String(type));
  if (check === undefined) return misunderstood(`unknown type ${String(type).slice(0, 40)}`);
  const result = check(value);
  if (!result.ok) return misunderstood(result.errors.join("; "));
  // Bytes that are UTF-8 say either by an escape only, which few rows have: they need not be written once more to be looked at.
  if (body.includes("\\u") && !isStorable(JSON.stringify(value)))
    return misunderstood("text with U+0000 or half a surrogate pair");
  return { ok: true, observation: result.value as Told };
}

function misunderstood(error: string): Understood {
  return { ok: false, error };
}

/** The tags an observation names. */
export function tagsOf(observation: Told): readonly Tag[] {
  if ("tag" in observation) return [observation.tag];
  return "tags" in observation ? observation.tags.map(({ tag }) => tag) : [];
}

/** The observation with each tag's number in place of the tag. */
export function withTagNumbers(observation: Told, numbers: ReadonlyMap<string, number>): RecordedObservation {
  const numberOf = ({ epc }: Tag): number => {
    const number = numbers.get(epc);
    if (number === undefined) throw new RangeError("the tag register gave no number for a tag");
    return number;
  };
  if ("tag" in observation) return { ...observation, tag: numberOf(observation.tag) };
  if ("tags" in observation)
    return { ...observation, tags: observation.tags.map((entry) => ({ ...entry, tag: numberOf(entry.tag) })) };
  return observation;
}
