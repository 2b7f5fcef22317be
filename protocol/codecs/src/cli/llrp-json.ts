import type { BitString, FieldSpec, MessageRow, ParameterRow, ProtocolTable } from "../llrp/definition.js";
import { enumerationName, hexOf, type LlrpMessage, type LlrpMessageInput } from "../llrp/index.js";
import * as enumerations from "../llrp/tables/enumerations.js";
import { table } from "../llrp/tables/index.js";

const { messages, parameters, lists }: ProtocolTable = table;
const names: Readonly<Record<string, Readonly<Record<string, number>>>> = enumerations;

type Row = MessageRow | ParameterRow;
type Loose = Readonly<Record<string, unknown>>;

/** What stands in a message of JSON beside the fields of its row. */
const MESSAGE_KEYS = ["type", "id", "version", "capture"];

/** JSON that is no LLRP message; says where in it and why. */
export class LlrpJsonError extends Error {
  constructor(path: string, detail: string) {
    super(`${path}: ${detail}`);
    this.name = "LlrpJsonError";
  }
}

/**
 * A message as what JSON can hold: bytes as hex, 64-bit numbers as text, enumerated values by their names where they have
 * one. `messageOfJson` takes it back without loss.
 */
export function jsonOfMessage(message: LlrpMessage): Loose {
  const { type, id, version } = message;
  if (message.type === "UNKNOWN_MESSAGE") {
    return { type, id, version, typeNumber: message.typeNumber, bytes: hexOf(message.bytes) };
  }
  return { type, id, version, ...jsonOfRow(messages[type], message as unknown as Loose) };
}

function jsonOfRow(row: Row | undefined, value: Loose): Loose {
  const result: Record<string, unknown> = {};
  const specs = specsOf(row);
  for (const [name, part] of Object.entries(value)) {
    const spec = specs[name];
    if (spec !== undefined) result[name] = jsonOfField(spec, part);
    else if (row?.parameters?.[name] !== undefined) result[name] = jsonOfMember(name, part);
    else if (name === "unknownParameters") result[name] = (part as readonly RawJson[]).map(jsonOfRaw);
  }
  return result;
}

function jsonOfMember(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => jsonOfMember(name, one));
  const parameter = value as Loose;
  if (lists[name] === undefined) return jsonOfRow(parameters[name], parameter);
  return { type: parameter.type, ...jsonOfRow(parameters[String(parameter.type)], parameter) };
}

interface RawJson {
  readonly typeNumber: number;
  readonly bytes: Uint8Array;
  readonly error?: Error;
}

function jsonOfRaw({ typeNumber, bytes, error }: RawJson): Loose {
  return { typeNumber, bytes: hexOf(bytes), ...(error === undefined ? {} : { error: error.message }) };
}

function jsonOfField(spec: FieldSpec, value: unknown): unknown {
  const enumeration = names[String(spec).split(":")[1] ?? ""];
  if (enumeration !== undefined) {
    const named = (one: number) => enumerationName(enumeration, one) ?? one;
    return value instanceof Uint8Array ? [...value].map(named) : named(Number(value));
  }
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return hexOf(value);
  if (isBitString(value)) return { bitCount: value.bitCount, bytes: hexOf(value.bytes) };
  return value;
}

function isBitString(value: unknown): value is BitString {
  return typeof value === "object" && value !== null && "bitCount" in value;
}

function specsOf(row: Row | undefined): Readonly<Record<string, FieldSpec>> {
  const specs = Object.entries({ ...row?.fields, ...row?.added });
  return Object.fromEntries(specs.filter(([, spec]) => typeof spec === "string"));
}

/** The message that `jsonOfMessage` gave, or one written by hand. Throws `LlrpJsonError`. */
export function messageOfJson(json: unknown): LlrpMessageInput {
  const value = objectOf("the line", json);
  const { type, id, version } = value;
  const head = { type, id, ...(version === undefined ? {} : { version }) };
  if (type === "UNKNOWN_MESSAGE") {
    return { ...head, typeNumber: value.typeNumber, bytes: bytesOf(type, value.bytes) } as LlrpMessageInput;
  }
  const row = messages[String(type)];
  if (row === undefined) throw new LlrpJsonError("type", `there is no message ${JSON.stringify(type)}`);
  return { ...head, ...rowOfJson(String(type), row, value, MESSAGE_KEYS) } as LlrpMessageInput;
}

function rowOfJson(path: string, row: Row, value: Loose, others: readonly string[]): Loose {
  const result: Record<string, unknown> = {};
  const specs = specsOf(row);
  for (const [name, part] of Object.entries(value)) {
    const here = `${path}.${name}`;
    const spec = specs[name];
    if (spec !== undefined) result[name] = fieldOfJson(here, spec, part);
    else if (row.parameters?.[name] !== undefined) result[name] = memberOfJson(here, name, part);
    else if (name === "unknownParameters") result[name] = arrayOf(here, part).map((one) => rawOfJson(here, one));
    else if (!others.includes(name)) throw new LlrpJsonError(here, `${path} has nothing of that name`);
  }
  return result;
}

function memberOfJson(path: string, name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one, index) => memberOfJson(`${path}[${index}]`, name, one));
  const parameter = objectOf(path, value);
  const type = lists[name] === undefined ? name : String(parameter.type);
  const row = parameters[type];
  if (row === undefined) throw new LlrpJsonError(path, `there is no parameter ${type}`);
  if (lists[name] === undefined) return rowOfJson(path, row, parameter, []);
  return { type, ...rowOfJson(path, row, parameter, ["type"]) };
}

function rawOfJson(path: string, value: unknown): Loose {
  const { typeNumber, bytes } = objectOf(path, value);
  return { typeNumber, bytes: bytesOf(path, bytes) };
}

function fieldOfJson(path: string, spec: FieldSpec, value: unknown): unknown {
  const [type, enumeration] = String(spec).split(":");
  const values = names[enumeration ?? ""];
  if (values !== undefined) {
    const number = (one: unknown) => numberOfName(path, values, one);
    return type === "u8v" ? Uint8Array.from(arrayOf(path, value), number) : number(value);
  }
  if (type === "u64") return bigintOf(path, value);
  if (type === "u96" || type === "u8v" || type === "bytesToEnd") return bytesOf(path, value);
  if (type !== "u1v") return value;
  const { bitCount, bytes } = objectOf(path, value);
  return { bitCount, bytes: bytesOf(path, bytes) };
}

function numberOfName(path: string, values: Readonly<Record<string, number>>, value: unknown): number {
  const number = typeof value === "string" ? values[value] : value;
  if (typeof number === "number") return number;
  throw new LlrpJsonError(path, `${JSON.stringify(value)} is no number and none of ${Object.keys(values).join(", ")}`);
}

function bigintOf(path: string, value: unknown): bigint {
  if (typeof value === "string" && /^\d{1,20}$/.test(value)) return BigInt(value);
  if (Number.isSafeInteger(value) && Number(value) >= 0) return BigInt(Number(value));
  throw new LlrpJsonError(path, `a whole number as text wanted, not ${JSON.stringify(value)}`);
}

function bytesOf(path: string, value: unknown): Uint8Array {
  if (typeof value !== "string" || !/^(?:[0-9a-f]{2})*$/i.test(value)) {
    throw new LlrpJsonError(path, `pairs of hex digits wanted, not ${JSON.stringify(value)}`);
  }
  return Uint8Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function objectOf(path: string, value: unknown): Loose {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Loose;
  throw new LlrpJsonError(path, `an object wanted, not ${JSON.stringify(value)}`);
}

function arrayOf(path: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new LlrpJsonError(path, `an array wanted, not ${JSON.stringify(value)}`);
}
