import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { AgentConfig, type Reader, readerFiles } from "@storeward/contracts";
import { checkConnect, checkListen, loadConfig, readSecret, resolveFrom } from "@storeward/runtime";
import { checkAgentConfig, cloudAddress, idleReaders, STATUS_PAGE } from "./config-check.js";

/** Scalar keys of `agent.yaml` can be set as `STOREWARD_EDGE_…`: STOREWARD_EDGE_DATA, STOREWARD_EDGE_CLOUD_URL. */
export const ENV_PREFIX = "STOREWARD_EDGE";

/** A configuration that has been checked, with what its files hold. */
export interface AgentSettings {
  /** Where it was read, absolute: files it names stand beside it. */
  readonly file: string;
  /** Paths are absolute. */
  readonly config: AgentConfig;
  readonly password: string;
  /** PEM of the broker's authority. */
  readonly ca: Buffer | undefined;
  /** SHA-256 of the configuration: two that share a version by mistake are told apart. */
  readonly hash: string;
  /** What is allowed, and to be logged at every start. */
  readonly warnings: readonly string[];
}

/** Reads and checks `agent.yaml`; every problem is reported at once with its key and line (CONFIG_INVALID). */
export function loadAgentConfig(file: string, env: NodeJS.ProcessEnv = process.env): AgentSettings {
  const readable = (path: string) => void readSecret(resolveFrom(file, path));
  const loaded = loadConfig(AgentConfig, file, {
    env,
    envPrefix: ENV_PREFIX,
    check: (config) => checkAgentConfig(config, readable),
  });
  const hash = createHash("sha256").update(JSON.stringify(loaded)).digest("hex");
  const { caFile, passwordFile, ...cloud } = loaded.cloud;
  const config: AgentConfig = {
    ...loaded,
    readers: loaded.readers.map((reader) => withAbsolutePaths(reader, file)),
    data: resolveFrom(file, loaded.data),
    cloud: {
      ...cloud,
      passwordFile: resolveFrom(file, passwordFile),
      ...(caFile === undefined ? {} : { caFile: resolveFrom(file, caFile) }),
    },
  };
  const secret = readSecret(config.cloud.passwordFile);
  const ca = config.cloud.caFile === undefined ? undefined : readFileSync(config.cloud.caFile);
  return {
    file: resolve(file),
    config,
    password: secret.value,
    ca,
    hash,
    warnings: warningsOf(config, secret.exposed),
  };
}

/** The files that a reader's description names are beside the configuration, like all its files. */
export function withAbsolutePaths(reader: Reader, file: string): Reader {
  const files = readerFiles(reader).map(({ key, path }) => [key, resolveFrom(file, path)]);
  return { ...reader, ...Object.fromEntries(files) };
}

function warningsOf(config: AgentConfig, exposed: boolean): string[] {
  const { url, insecure, passwordFile } = config.cloud;
  const plain = checkConnect({ ...cloudAddress(url), insecure, what: "The uplink" });
  const { address: host, port, ...status } = config.status;
  const open = port === 0 ? undefined : checkListen({ host, tls: false, ...status, what: STATUS_PAGE });
  const readable = config.readers.flatMap((reader) =>
    "passwordFile" in reader && reader.passwordFile !== undefined && readSecret(reader.passwordFile).exposed
      ? [reader.passwordFile]
      : [],
  );
  if (exposed) readable.unshift(passwordFile);
  return [
    ...[plain, open].filter((warning) => warning !== undefined),
    ...[...new Set(readable)].map((path) => `Others on this device can read ${path}: chmod 600 it`),
    ...idleReaders(config).map((reader) => `Reader ${reader} is used by no read point and stays off`),
  ];
}
