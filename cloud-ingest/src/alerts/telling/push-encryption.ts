import { createCipheriv, createECDH, createPrivateKey, hkdfSync, type KeyObject, randomBytes, sign } from "node:crypto";

/* What a browser's push service is sent: encrypted for the browser alone (RFC 8291), and signed so that only we can send it (RFC 8292). */

/** Of a browser's subscription: its public key and secret, in base64url. */
export interface PushKeys {
  readonly p256dh: string;
  readonly auth: string;
}

/** Ours, by which push services know us: P-256, raw in base64url. */
export interface VapidKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

const CURVE = "prime256v1";
const RECORD_SIZE = 4096;
/** What fits one record with its delimiter and tag (RFC 8188 §2). */
export const MOST_PLAIN = RECORD_SIZE - 17;

export function newVapidKeys(): VapidKeys {
  const pair = createECDH(CURVE);
  pair.generateKeys();
  return { publicKey: pair.getPublicKey("base64url"), privateKey: padded(pair.getPrivateKey()).toString("base64url") };
}

/** Leading zeros belong to a private key. */
function padded(key: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(32 - key.length), key]);
}

/**
 * A message for one subscription, of one record (RFC 8291 §3.4, RFC 8188 §2.1). `fixed` is for the vector of the standard.
 * RangeError for more than {@link MOST_PLAIN} bytes.
 */
export function encryptPush(
  text: string,
  { p256dh, auth }: PushKeys,
  fixed?: { readonly salt: Buffer; readonly privateKey: Buffer },
): Buffer<ArrayBuffer> {
  const plain = Buffer.from(text);
  if (plain.length > MOST_PLAIN) throw new RangeError(`a push message of ${plain.length} bytes is too long`);
  const ours = createECDH(CURVE);
  if (fixed === undefined) ours.generateKeys();
  else ours.setPrivateKey(fixed.privateKey);
  const theirs = Buffer.from(p256dh, "base64url");
  const own = ours.getPublicKey();
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), theirs, own]);
  const secret = derive(ours.computeSecret(theirs), Buffer.from(auth, "base64url"), info, 32);
  const salt = fixed?.salt ?? randomBytes(16);
  const key = derive(secret, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
  const nonce = derive(secret, salt, Buffer.from("Content-Encoding: nonce\0"), 12);
  const cipher = createCipheriv("aes-128-gcm", key, nonce);
  // 2 ends the last record.
  const sealed = Buffer.concat([
    cipher.update(plain),
    cipher.update(Buffer.of(2)),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(RECORD_SIZE);
  return Buffer.concat([salt, size, Buffer.of(own.length), own, sealed]);
}

function derive(key: Buffer, salt: Buffer, info: Buffer, length: number): Buffer {
  return Buffer.from(hkdfSync("sha256", key, salt, info, length));
}

/** The header that shows a push service who sends (RFC 8292 §3). @param now seconds since 1970 */
export function vapidHeader(endpoint: string, subject: string, keys: VapidKeys, now: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { aud: new URL(endpoint).origin, exp: now + 12 * 3600, sub: subject };
  const signed = `${part({ typ: "JWT", alg: "ES256" })}.${part(claims)}`;
  const signature = sign("sha256", Buffer.from(signed), { key: keyObject(keys), dsaEncoding: "ieee-p1363" });
  return `vapid t=${signed}.${signature.toString("base64url")}, k=${keys.publicKey}`;
}

function keyObject({ publicKey, privateKey }: VapidKeys): KeyObject {
  const raw = Buffer.from(publicKey, "base64url");
  const [x, y] = [raw.subarray(1, 33), raw.subarray(33)].map((half) => half.toString("base64url"));
  return createPrivateKey({ key: { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "", d: privateKey }, format: "jwk" });
}
