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
  return made(dir, name, ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`]);
}

/** An authority of one's own; `issue` has it sign one for a DNS name. Its files are left in `dir`. */
export function authority(dir: string, name: string): Certificate & { issue(dns: string): Certificate } {
  const own = made(dir, name, ["-subj", `/CN=${name}`, "-addext", "keyUsage=keyCertSign"]);
  const by = ["-CA", join(dir, `${name}.pem`), "-CAkey", join(dir, `${name}.key`)];
  const plain = ["-addext", "basicConstraints=critical,CA:FALSE"];
  const issue = (dns: string) =>
    made(dir, `${dns}-by-${name}`, [...by, ...plain, "-subj", `/CN=${dns}`, "-addext", `subjectAltName=DNS:${dns}`]);
  return { ...own, issue };
}

function made(dir: string, file: string, about: readonly string[]): Certificate {
  const [key, cert] = [join(dir, `${file}.key`), join(dir, `${file}.pem`)];
  const { status, stderr } = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
    ...about,
    ...["-keyout", key, "-out", cert],
  ]);
  if (status !== 0) throw new Error(`openssl: ${stderr.toString()}`);
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}
