import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestCertificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

const DAY_MS = 86_400_000;
/* X.509 in DER (RFC 5280), as little of it as a test needs. */
const SEQUENCE = 0x30;
const OID = {
  ecdsaSha256: "2a8648ce3d040302",
  name: "550403",
  basic: "551d13",
  usage: "551d0f",
  alternative: "551d11",
};

const der = (tag: number, ...parts: Uint8Array[]): Uint8Array => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Uint8Array.from([tag, ...size]), body]);
};
const oid = (hex: string) => der(6, Buffer.from(hex, "hex"));
const nameOf = (name: string) => der(SEQUENCE, der(0x31, der(SEQUENCE, oid(OID.name), der(0x0c, Buffer.from(name)))));
const time = (ms: number) =>
  der(
    0x17,
    Buffer.from(
      `${new Date(ms)
        .toISOString()
        .replace(/[-:T]|\.\d+/g, "")
        .slice(2, 14)}Z`,
    ),
  );
const extension = (hex: string, value: Uint8Array, critical = false) =>
  der(SEQUENCE, oid(hex), ...(critical ? [Uint8Array.of(1, 1, 255)] : []), der(4, value));
const pem = (label: string, bytes: Uint8Array) =>
  `-----BEGIN ${label}-----\n${(
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? []
  ).join("\n")}\n-----END ${label}-----\n`;

function certificate(about: {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: number;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Uint8Array[];
}): string {
  const algorithm = der(SEQUENCE, oid(OID.ecdsaSha256));
  const signed = der(
    SEQUENCE,
    der(0xa0, der(2, Uint8Array.of(2))),
    der(2, Uint8Array.of(about.serial)),
    algorithm,
    nameOf(about.issuer),
    der(SEQUENCE, time(Date.now() - DAY_MS), time(Date.now() + DAY_MS)),
    nameOf(about.subject),
    about.publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(SEQUENCE, ...about.extensions)),
  );
  const signature = der(3, Uint8Array.of(0), sign("sha256", signed, about.signer));
  return pem("CERTIFICATE", der(SEQUENCE, signed, algorithm, signature));
}

const ISSUER = "Test authority";

/** An authority for tests, with what it issues in a folder of its own. */
export class TestAuthority {
  /** PEM. */
  readonly ca: string;
  readonly caFile: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "storeward-tls-"));
  readonly #key: KeyObject;
  #serial = 1;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#key = privateKey;
    this.ca = certificate({
      subject: ISSUER,
      issuer: ISSUER,
      serial: 1,
      publicKey,
      signer: privateKey,
      extensions: [
        extension(OID.basic, der(SEQUENCE, Uint8Array.of(1, 1, 255)), true),
        extension(OID.usage, Uint8Array.of(3, 2, 2, 4), true),
      ],
    });
    this.caFile = this.#file("ca.pem", this.ca);
  }

  /** A certificate for a name or an address. */
  issue(name: string): TestCertificate {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const serial = ++this.#serial;
    const who = isIPv4(name) ? der(0x87, Uint8Array.from(name.split("."), Number)) : der(0x82, Buffer.from(name));
    const extensions = [extension(OID.alternative, der(SEQUENCE, who))];
    const cert = certificate({ subject: name, issuer: ISSUER, serial, publicKey, signer: this.#key, extensions });
    const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    return { cert, key, certFile: this.#file(`${serial}.pem`, cert), keyFile: this.#file(`${serial}.key`, key) };
  }

  stop(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #file(name: string, text: string): string {
    const file = join(this.#folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }
}
