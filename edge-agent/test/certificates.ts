import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate with its key, as PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export const hasOpenssl = spawnSync("openssl", ["version"]).error === undefined;

/** A certificate that signs itself, as readers come with, for this DNS name. Its files are left in `dir`. */
export function selfSigned(dir: string, name: string): Certificate {
  const [key, cert] = [join(dir, `${name}.key`), join(dir, `${name}.pem`)];
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
    ...["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`, "-keyout", key, "-out", cert],
  ]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr.toString()}`);
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}
