import { encodeSigned, type RemoteConfiguration, type SignedKind, signedText } from "@storeward/contracts";
import { newSigningKey, publicHalf, signatureOf, signingKey, verifyingKey } from "@storeward/runtime";

/** The cloud's pen. */
export class Pen {
  readonly #key = signingKey(newSigningKey(), "the test's key");
  readonly publicKey = publicHalf(this.#key);
  readonly known = verifyingKey(this.publicKey, "the test's key");

  sign(kind: SignedKind, document: object, as: SignedKind = kind): Buffer {
    const text = JSON.stringify(document);
    return Buffer.from(encodeSigned(kind, signatureOf(signedText(as, text), this.#key), text));
  }
}

/** One LLRP reader of two shelves. */
export function plan(power = 20, more: Partial<RemoteConfiguration> = {}): RemoteConfiguration {
  const shelf = (antenna: number) => ({
    id: `shelf-${antenna}`,
    role: "shelf" as const,
    place: `board-${antenna}`,
    antennas: [{ reader: "r1", antenna }],
  });
  return {
    readers: [
      {
        id: "r1",
        agent: "agent-1",
        region: "ETSI",
        driver: "llrp",
        host: "127.0.0.1",
        antennas: [1, 2].map((antenna) => ({ antenna, power })),
      },
    ],
    readPoints: [shelf(1), shelf(2)],
    ...more,
  };
}
