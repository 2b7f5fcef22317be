import type { KeyObject } from "node:crypto";
import { SignedEnvelope, type SignedKind, signedText, splitSigned } from "@storeward/contracts";
import { isoMs, isSignedBy, type Validation, validator } from "@storeward/runtime";
import { E } from "./errors.js";

const isEnvelope = validator(SignedEnvelope);

/** What every signed document says of itself. */
interface Addressed {
  readonly agent: string;
  readonly expires: string;
}

export interface SignedReader<T extends Addressed> {
  readonly kind: SignedKind;
  readonly agent: string;
  /** The cloud's public key; undefined: nothing can be believed. */
  readonly key: KeyObject | undefined;
  readonly check: (value: unknown) => Validation<T>;
}

/** The document of a signed message, once it is known to be the cloud's and ours. Errors: REMOTE_…. Whether it has expired: `assertFresh`. */
export function readSigned<T extends Addressed>(payload: string, { kind, agent, key, check }: SignedReader<T>): T {
  if (key === undefined) throw E.REMOTE_NO_KEY({ kind });
  const { envelope, document } = splitSigned(payload);
  const outer = isEnvelope(parsed(envelope, kind));
  if (!outer.ok) throw E.REMOTE_UNREADABLE({ kind, reason: outer.errors.join("; ") });
  // The signature first: of what somebody else wrote, nothing is looked at.
  if (outer.value.kind !== kind || !isSignedBy(signedText(kind, document), outer.value.signature, key))
    throw E.REMOTE_FORGED({ kind });
  const inner = check(parsed(document, kind));
  if (!inner.ok) throw E.REMOTE_UNREADABLE({ kind, reason: inner.errors.join("; ") });
  if (inner.value.agent !== agent) throw E.REMOTE_OTHER_AGENT({ kind, agent: inner.value.agent });
  return inner.value;
}

/** REMOTE_EXPIRED; `utc` in milliseconds since 1970. */
export function assertFresh(kind: SignedKind, { expires }: Addressed, utc: number): void {
  const until = Date.parse(expires);
  if (utc > until) throw E.REMOTE_EXPIRED({ kind, expires: isoMs(until) });
}

function parsed(text: string, kind: SignedKind): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw E.REMOTE_UNREADABLE({ kind, reason: "it is no JSON" }, { cause });
  }
}
