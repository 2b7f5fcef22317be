import { type Static, Type } from "typebox";
import { closed } from "./shapes.js";

/*
 * What the cloud publishes on `…/config` and `…/command`: two lines of UTF-8 separated by LF. The first is the envelope with the
 * signature, the second the document, byte for byte as it was signed: JSON text holds no raw LF, and nothing has to be made canonical.
 */

export const SIGNED_KINDS = ["config", "command"] as const;
export type SignedKind = (typeof SIGNED_KINDS)[number];

/** Ed25519 over {@link signedText}: 64 bytes as base64url. */
export const SignedEnvelope = closed({
  v: Type.Literal(1),
  kind: Type.Enum([...SIGNED_KINDS]),
  signature: Type.String({ pattern: "^[A-Za-z0-9_-]{86}$" }),
});
export type SignedEnvelope = Static<typeof SignedEnvelope>;

/** A public Ed25519 key: 32 bytes as base64url. */
export const PUBLIC_KEY_PATTERN = "^[A-Za-z0-9_-]{43}$";

/** What is signed: the kind too, so that a command can never be passed off as a configuration. */
export function signedText(kind: SignedKind, document: string): string {
  return `storeward ${kind} v1\n${document}`;
}

export function encodeSigned(kind: SignedKind, signature: string, document: string): string {
  return `${JSON.stringify({ v: 1, kind, signature } satisfies SignedEnvelope)}\n${document}`;
}

/** Envelope and document of a payload, unparsed; the document is empty where there is no second line. */
export function splitSigned(payload: string): { envelope: string; document: string } {
  const end = payload.indexOf("\n");
  return end < 0
    ? { envelope: payload, document: "" }
    : { envelope: payload.slice(0, end), document: payload.slice(end + 1) };
}
