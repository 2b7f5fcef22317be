import { createHash } from "node:crypto";
import {
  type Batch,
  Batch as BatchSchema,
  type Hello,
  Hello as HelloSchema,
  type Opaque,
  Opaque as OpaqueSchema,
} from "@storeward/contracts";
import { type Validation, validator } from "@storeward/runtime";

/** What an agent said, with the rows' bodies byte for byte. */
export type Said =
  | { readonly kind: "hello"; readonly hello: Hello }
  | { readonly kind: "batch"; readonly batch: Batch; readonly bodies: readonly Buffer[] }
  | { readonly kind: "opaque"; readonly opaque: Opaque };

/** Why an envelope was refused; the agent gets code and detail. */
export interface Refusal {
  readonly kind: "reject";
  readonly code: string;
  readonly detail: string;
}

const checkers: Readonly<Record<string, (value: unknown) => Validation<unknown>>> = {
  hello: validator(HelloSchema),
  batch: validator(BatchSchema),
  opaque: validator(OpaqueSchema),
};

const LF = 0x0a;

/** Takes a `…/batch` payload of `agent` apart. Never throws, whatever the bytes are. */
export function readEnvelope(agent: string, payload: Buffer): Said | Refusal {
  const [first = Buffer.alloc(0), ...bodies] = splitLines(payload);
  let value: unknown;
  try {
    value = JSON.parse(first.toString("utf8"));
  } catch {
    return refusal("ENVELOPE_NOT_JSON", "the first line is not JSON");
  }
  if (typeof value !== "object" || value === null) return refusal("ENVELOPE_INVALID", "the envelope is not an object");
  const { v, kind, agent: named } = value as { v?: unknown; kind?: unknown; agent?: unknown };
  if (v !== 1) return refusal("ENVELOPE_VERSION", "this cloud reads envelopes of version 1");
  const check = typeof kind === "string" && Object.hasOwn(checkers, kind) ? checkers[kind] : undefined;
  if (check === undefined) return refusal("ENVELOPE_KIND", "kind is not hello, batch or opaque");
  const result = check(value);
  if (!result.ok) return refusal("ENVELOPE_INVALID", result.errors.join("; "));
  if (named !== agent) return refusal("AGENT_MISMATCH", `the topic belongs to ${agent}`);
  if (kind === "batch") return { kind, batch: result.value as Batch, bodies };
  if (bodies.length > 0) return refusal("ENVELOPE_INVALID", `a ${kind} has no rows`);
  return kind === "hello" ? { kind, hello: result.value as Hello } : { kind: "opaque", opaque: result.value as Opaque };
}

/** The first 8 bytes of SHA-256 of a payload: which one a `reject` means. */
export function payloadHash(payload: Buffer): string {
  return createHash("sha256").update(payload).digest("hex").slice(0, 16);
}

export function refusal(code: string, detail: string): Refusal {
  return { kind: "reject", code, detail: detail.slice(0, 500) };
}

function splitLines(payload: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let from = 0;
  for (let at = payload.indexOf(LF); at !== -1; at = payload.indexOf(LF, from)) {
    lines.push(payload.subarray(from, at));
    from = at + 1;
  }
  lines.push(payload.subarray(from));
  return lines;
}
