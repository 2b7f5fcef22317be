import type { KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { BrokerAccounts, CloudConfig, checkSite, Site } from "@storeward/contracts";
import {
  type ConfigProblem,
  checkConnect,
  checkListen,
  loadConfig,
  readSecret,
  resolveFrom,
  signingKey,
} from "@storeward/runtime";

/** Scalar keys of `cloud.yaml` can be set as `STOREWARD_CLOUD_…`: STOREWARD_CLOUD_DATA, STOREWARD_CLOUD_BROKER_PORT. */
export const ENV_PREFIX = "STOREWARD_CLOUD";

/** A configuration that has been checked, with what its files hold. */
export interface CloudSettings {
  /** Paths are absolute. */
  readonly config: CloudConfig;
  readonly site: Site;
  /** `DATABASE_URL`, else `database.url`; undefined: the embedded server. */
  readonly databaseUrl: string | undefined;
  /** Of the cloud's own account at the broker. */
  readonly brokerPassword: string;
  readonly adminPassword: string | undefined;
  /** Signs what agents are configured with and told to do; undefined: they are not. */
  readonly configKey: KeyObject | undefined;
  /** What is allowed, and to be logged at every start. */
  readonly warnings: readonly string[];
}

/** Reads and checks `cloud.yaml` and the files it names; every problem is reported at once with its key and line (CONFIG_INVALID). */
export function loadCloudConfig(file: string, env: NodeJS.ProcessEnv = process.env): CloudSettings {
  const at = (path: string): string => resolveFrom(file, path);
  const loaded = loadConfig(CloudConfig, file, {
    env,
    envPrefix: ENV_PREFIX,
    check: (config) => problemsOf(config, at),
  });
  const config = withAbsolutePaths(loaded, at);
  const { broker, admin, database, configKeyFile } = config;
  const site = loadConfig(Site, config.site, { check: checkSite });
  if (broker.accounts !== undefined) loadConfig(BrokerAccounts, broker.accounts);
  const secrets = [broker.passwordFile, admin.passwordFile, configKeyFile].map((path) =>
    path === undefined ? undefined : { path, ...readSecret(path) },
  );
  const [password, adminPassword, key] = secrets;
  return {
    config,
    site,
    databaseUrl: env.DATABASE_URL || database.url,
    brokerPassword: password?.value ?? "",
    adminPassword: adminPassword?.value,
    configKey: key && signingKey(key.value, key.path),
    warnings: secrets.flatMap((secret) =>
      secret?.exposed ? [`Others on this machine can read ${secret.path}: chmod 600 it`] : [],
    ),
  };
}

function withAbsolutePaths(loaded: CloudConfig, at: (path: string) => string): CloudConfig {
  const { accounts, passwordFile, caFile, tls, ...broker } = loaded.broker;
  const admin = loaded.admin.passwordFile;
  const { configKeyFile } = loaded;
  return {
    ...loaded,
    data: at(loaded.data),
    site: at(loaded.site),
    ...(configKeyFile === undefined ? {} : { configKeyFile: at(configKeyFile) }),
    http: { ...loaded.http, ...tlsFiles(loaded.http.tls, at) },
    broker: {
      ...broker,
      ...tlsFiles(tls, at),
      ...(accounts === undefined ? {} : { accounts: at(accounts) }),
      ...(passwordFile === undefined ? {} : { passwordFile: at(passwordFile) }),
      ...(caFile === undefined ? {} : { caFile: at(caFile) }),
    },
    admin: { ...loaded.admin, ...(admin === undefined ? {} : { passwordFile: at(admin) }) },
  };
}

type Tls = CloudConfig["http"]["tls"];

function tlsFiles(tls: Tls, at: (path: string) => string): { tls?: NonNullable<Tls> } {
  return tls === undefined ? {} : { tls: { certFile: at(tls.certFile), keyFile: at(tls.keyFile) } };
}

/** What the schema cannot see. */
function problemsOf(
  { site, http, broker, admin, configKeyFile }: CloudConfig,
  at: (path: string) => string,
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const attempt = (path: string, what: () => unknown): void => {
    try {
      what();
    } catch (error) {
      problems.push({ path, message: error instanceof Error ? error.message : String(error) });
    }
  };
  const readable = (path: string, file: string | undefined): void => {
    if (file !== undefined) attempt(path, () => readFileSync(at(file)));
  };
  const secret = (path: string, file: string | undefined): void => {
    if (file !== undefined) attempt(path, () => readSecret(at(file)));
  };
  readable("site", site);
  attempt("http.host", () => checkListen({ ...http, tls: http.tls !== undefined, what: "The page and API" }));
  if (broker.url === undefined) {
    attempt("broker.host", () => checkListen({ ...broker, tls: broker.tls !== undefined, what: "The MQTT broker" }));
    if (broker.accounts === undefined)
      problems.push({
        path: "broker",
        message: "accounts is needed by the embedded broker: storeward-provision writes it",
      });
    if (broker.passwordFile === undefined)
      problems.push({ path: "broker", message: "passwordFile is needed: the cloud has an account of its own" });
  } else {
    const { hostname: host, protocol } = new URL(broker.url);
    attempt("broker.url", () =>
      checkConnect({ ...broker, host, tls: protocol === "mqtts:", what: "The cloud service" }),
    );
  }
  readable("broker.accounts", broker.accounts);
  secret("broker.passwordFile", broker.passwordFile);
  readable("broker.caFile", broker.caFile);
  secret("admin.passwordFile", admin.passwordFile);
  if (configKeyFile !== undefined)
    attempt("configKeyFile", () => signingKey(readSecret(at(configKeyFile)).value, at(configKeyFile)));
  for (const [name, tls] of Object.entries({ http: http.tls, broker: broker.tls })) {
    readable(`${name}.tls.certFile`, tls?.certFile);
    readable(`${name}.tls.keyFile`, tls?.keyFile);
  }
  return problems;
}
