import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { isSignedBy, newSigningKey, publicHalf, signatureOf, signingKey, verifyingKey } from "./signing.js";

it("what is signed is known by the public half, and nothing else is", () => {
  const key = signingKey(newSigningKey(), "the key");
  const known = verifyingKey(publicHalf(key), "the public key");
  const other = verifyingKey(publicHalf(signingKey(newSigningKey(), "another")), "another");
  fc.assert(
    fc.property(fc.string(), fc.nat(), (text, at) => {
      const signature = signatureOf(text, key);
      expect(isSignedBy(text, signature, known)).toBe(true);
      expect(isSignedBy(text, signature, other)).toBe(false);
      expect(isSignedBy(`${text} `, signature, known)).toBe(false);
      const bytes = Buffer.from(signature, "base64url");
      const index = at % bytes.length;
      bytes.writeUInt8((bytes[index] ?? 0) ^ (1 + (at % 255)), index);
      expect(isSignedBy(text, bytes.toString("base64url"), known)).toBe(false);
    }),
    { numRuns: 30 },
  );
});

it.each([
  ["rubbish", "rubbish"],
  [
    "a key of another kind",
    generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }),
  ],
])("%s is refused with its name", (_, pem) => {
  expect(() => signingKey(String(pem), "config-key")).toThrow(/config-key is no Ed25519 key/);
});

it("a signature of the wrong length verifies nothing, and throws nothing", () => {
  const key = signingKey(newSigningKey(), "the key");
  for (const signature of ["", "AA", "x".repeat(200)])
    expect(isSignedBy("text", signature, verifyingKey(publicHalf(key), "k"))).toBe(false);
});
