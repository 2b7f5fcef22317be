import type { KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { BrokerAccounts, CloudConfig, checkSite, type SeriesTarget, Site } from "@storeward/contracts";
import {
  type ConfigProblem,
  checkConnect,
  checkListen,
  loadConfig,
  readSecret,
  resolveFrom,
  signingKey,
} from "@storeward/runtime";
import type { MailSettings } from "./alerts/index.js";
import { type SeriesTargetSettings, targetName } from "./time-series/index.js";

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
  readonly timeSeries: readonly SeriesTargetSettings[];
  /** Where e-mails of alerts go out; undefined: nowhere. */
  readonly mail: MailSettings | undefined;
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
  const { broker, admin, database, configKeyFile, timeSeries, alerts } = config;
  const site = loadConfig(Site, config.site, { check: checkSite });
  if (broker.accounts !== undefined) loadConfig(BrokerAccounts, broker.accounts);
  const { mail } = alerts;
  const files = [
    broker.passwordFile,
    admin.passwordFile,
    configKeyFile,
    mail?.passwordFile,
    ...timeSeries.map(secretFileOf),
  ];
  const secrets = files.map((path) => (path === undefined ? undefined : { path, ...readSecret(path) }));
  const [password, adminPassword, key, mailPassword, ...seriesSecrets] = secrets;
  return {
    config,
    site,
    databaseUrl: env.DATABASE_URL || database.url,
    brokerPassword: password?.value ?? "",
    adminPassword: adminPassword?.value,
    configKey: key && signingKey(key.value, key.path),
    timeSeries: timeSeries.map((target, index) => ({
      target,
      secret: seriesSecrets[index]?.value,
      ca: target.kind === "database" || target.caFile === undefined ? undefined : readFileSync(target.caFile, "utf8"),
    })),
    mail: mail && { ...mail, password: mailPassword?.value, ca: mail.caFile && readFileSync(mail.caFile, "utf8") },
    warnings: [
      ...[mail && checkMail(mail)].flatMap((warning) => warning ?? []),
      ...secrets.flatMap((secret) =>
        secret?.exposed ? [`Others on this machine can read ${secret.path}: chmod 600 it`] : [],
      ),
      ...timeSeries.flatMap((target) => (target.kind === "database" ? [] : (checkSeriesUrl(target) ?? []))),
    ],
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
    timeSeries: loaded.timeSeries.map((target) => withAbsoluteFiles(target, at)),
    alerts: withAbsoluteMail(loaded.alerts, at),
  };
}

function withAbsoluteFiles(target: SeriesTarget, at: (path: string) => string): SeriesTarget {
  if (target.kind === "database") return target;
  const ca = target.caFile === undefined ? {} : { caFile: at(target.caFile) };
  if (target.kind === "influx2") return { ...target, ...ca, tokenFile: at(target.tokenFile) };
  return { ...target, ...ca, ...(target.passwordFile === undefined ? {} : { passwordFile: at(target.passwordFile) }) };
}

function withAbsoluteMail(
  { mail, ...alerts }: CloudConfig["alerts"],
  at: (path: string) => string,
): CloudConfig["alerts"] {
  if (mail === undefined) return alerts;
  const { passwordFile, caFile } = mail;
  const password = passwordFile === undefined ? {} : { passwordFile: at(passwordFile) };
  return { ...alerts, mail: { ...mail, ...password, ...(caFile === undefined ? {} : { caFile: at(caFile) }) } };
}

/** A warning where plain text is allowed beyond this machine; INSECURE_CONNECT where it is not. */
function checkMail({ host, tls, insecure }: NonNullable<CloudConfig["alerts"]["mail"]>): string | undefined {
  return checkConnect({ host, tls: tls !== "none", insecure, what: "The mail of alerts" });
}

/** The file of a place's password or token. */
function secretFileOf(target: SeriesTarget): string | undefined {
  if (target.kind === "database") return undefined;
  return target.kind === "influx1" ? target.passwordFile : target.tokenFile;
}

/** A warning where plain text is allowed beyond this machine; INSECURE_CONNECT where it is not. */
function checkSeriesUrl(target: Exclude<SeriesTarget, { kind: "database" }>): string | undefined {
  const { hostname: host, protocol } = new URL(target.url);
  const { insecure } = target;
  return checkConnect({ host, tls: protocol === "https:", insecure, what: `Time series ${targetName(target)}` });
}

type Tls = CloudConfig["http"]["tls"];

function tlsFiles(tls: Tls, at: (path: string) => string): { tls?: NonNullable<Tls> } {
  return tls === undefined ? {} : { tls: { certFile: at(tls.certFile), keyFile: at(tls.keyFile) } };
}

/** What the schema cannot see. */
function problemsOf(
  { site, http, broker, admin, configKeyFile, timeSeries, alerts }: CloudConfig,
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
  const { mail } = alerts;
  if (mail !== undefined) {
    attempt("alerts.mail.tls", () => checkMail(mail));
    secret("alerts.mail.passwordFile", mail.passwordFile);
    readable("alerts.mail.caFile", mail.caFile);
  }
  for (const [index, target] of timeSeries.entries()) {
    const path = `timeSeries[${index}]`;
    if (timeSeries.findIndex((other) => targetName(other) === targetName(target)) !== index)
      problems.push({ path, message: `another is called ${targetName(target)} too: give one of them a name` });
    if (target.kind === "database") continue;
    attempt(`${path}.url`, () => checkSeriesUrl(target));
    readable(`${path}.caFile`, target.caFile);
    secret(`${path}.${target.kind === "influx1" ? "passwordFile" : "tokenFile"}`, secretFileOf(target));
  }
  for (const [name, tls] of Object.entries({ http: http.tls, broker: broker.tls })) {
    readable(`${name}.tls.certFile`, tls?.certFile);
    readable(`${name}.tls.keyFile`, tls?.keyFile);
  }
  return problems;
}
