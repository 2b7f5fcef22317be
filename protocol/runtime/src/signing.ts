import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { defineErrors } from "./errors.js";

const E = defineErrors({
  SIGNING_KEY_INVALID: { template: "{what} is no Ed25519 key: {reason}", status: 500, retryable: false },
});

const ED25519 = "ed25519";

/** A new Ed25519 key pair: the private key as PEM (PKCS #8), for a file of mode 0600. */
export function newSigningKey(): string {
  return generateKeyPairSync(ED25519).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** A private key from its PEM. `what` names it in SIGNING_KEY_INVALID. */
export function signingKey(pem: string, what: string): KeyObject {
  return keyOf(what, () => createPrivateKey(pem));
}

/** The public half as 32 bytes in base64url, as it stands in configurations. */
export function publicHalf(key: KeyObject): string {
  return createPublicKey(key).export({ format: "jwk" }).x ?? "";
}

/** A public key from its 32 bytes in base64url. */
export function verifyingKey(text: string, what: string): KeyObject {
  return keyOf(what, () => createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: text }, format: "jwk" }));
}

/** 64 bytes as base64url. */
export function signatureOf(text: string, key: KeyObject): string {
  return sign(null, Buffer.from(text, "utf8"), key).toString("base64url");
}

export function isSignedBy(text: string, signature: string, key: KeyObject): boolean {
  return verify(null, Buffer.from(text, "utf8"), key, Buffer.from(signature, "base64url"));
}

function keyOf(what: string, make: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = make();
  } catch (cause) {
    throw E.SIGNING_KEY_INVALID({ what, reason: "it cannot be read" }, { cause });
  }
  if (key.asymmetricKeyType !== ED25519)
    throw E.SIGNING_KEY_INVALID({ what, reason: `it is a key of ${key.asymmetricKeyType}` });
  return key;
}
