import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { AgentConfig, CloudConfig, type Site } from "@storeward/contracts";
import {
  defineErrors,
  isLoopback,
  loadConfig,
  lockDataFolder,
  newSigningKey,
  publicHalf,
  randomHex,
  readSecret,
  signingKey,
} from "@storeward/runtime";
import type { Static, TSchema } from "typebox";
import { accountsFile, type Login } from "./accounts.js";
import { agentYaml } from "./agent-yaml.js";
import { ADMIN_PASSWORD, BROKER_CA, CLOUD_PASSWORD, CONFIG_KEY, cloudYaml, DEFAULT_USER } from "./cloud-yaml.js";
import { knownAgents } from "./known-agents.js";
import { aclFile, parsePasswordFile, passwordFile, passwordHash } from "./mosquitto.js";
import type { SiteOptions } from "./options.js";
import { Output, type Written } from "./output.js";

const E = defineErrors({
  LEDGERS_DIFFER: {
    template:
      "The agents in {folder} belong to different ledgers and there is no {cloud} to say which is right: put it back, or remove the folders of the wrong agents",
    status: 500,
    retryable: false,
  },
});

export interface SiteReport {
  readonly written: readonly Written[];
  readonly kept: number;
  /** What whoever runs this should know, in whole sentences. */
  readonly notes: readonly string[];
}

/**
 * Writes everything a site's cloud, agents and broker need into a folder: see `docs/install.md`. What an earlier run wrote
 * (ledger, passwords, versions) is kept where nothing has changed. Only one run works on a folder at a time.
 *
 * @param siteFile the text of which `site` is the content, copied for the cloud as it is
 */
export async function provisionSite(
  site: Site,
  siteFile: string,
  out: string,
  options: SiteOptions = {},
): Promise<SiteReport> {
  const lock = await lockDataFolder(out, "provision");
  try {
    return await writeAll(site, await readFile(siteFile, "utf8"), new Output(out), options);
  } finally {
    await lock.release();
  }
}

async function writeAll(site: Site, siteText: string, out: Output, options: SiteOptions): Promise<SiteReport> {
  const cloudBefore = await keptConfig(out, "cloud/cloud.yaml", CloudConfig);
  const agentsBefore = new Map<string, KeptConfig<AgentConfig>>();
  for (const id of await knownAgents(out.root)) {
    const kept = await keptConfig(out, `agents/${id}/agent.yaml`, AgentConfig);
    if (kept !== undefined) agentsBefore.set(id, kept);
  }
  const ledger = cloudBefore?.value.ledger ?? ledgerOf(agentsBefore, out.root) ?? randomHex(16);
  const ca = options.caFile === undefined ? undefined : await readFile(options.caFile, "utf8");

  const configKey = await configKeyOf(out);
  const cloud = cloudYaml(ledger, options, cloudBefore?.text);
  const agents = site.agents.map(({ id }) => ({
    id,
    ...agentYaml(site, id, { ledger, configKey, options, before: agentsBefore.get(id)?.text }),
  }));

  // Passwords first and accounts last: a run that ends halfway leaves nobody with an account of an unknown password.
  const cloudUser = cloudBefore?.value.broker.username ?? DEFAULT_USER;
  const logins: Login[] = [
    { username: cloudUser, role: "cloud", password: await password(out, `cloud/${CLOUD_PASSWORD}`) },
  ];
  if (cloud.makesAdmin) await password(out, `cloud/${ADMIN_PASSWORD}`);
  for (const { id, text, version } of agents) {
    logins.push({ username: id, role: "agent", password: await password(out, `agents/${id}/password`) });
    if (ca !== undefined) await out.write(`agents/${id}/ca.pem`, ca);
    await out.write(`agents/${id}/agent.yaml`, text, { note: `version ${version}` });
  }
  if (ca !== undefined && options.brokerUrl !== undefined) await out.write(`cloud/${BROKER_CA}`, ca);
  await out.write("cloud/site.yaml", siteText);
  await out.write("cloud/cloud.yaml", cloud.text);
  await writeBrokerFiles(out, cloudUser, logins);

  const listening = notesOnListening(loadConfig(CloudConfig, join(out.root, "cloud/cloud.yaml")));
  const notes = [...notesOn(site, [...agentsBefore.keys()]), ...(await notesOnFiles(site, out)), ...listening];
  return { written: out.written, kept: out.kept, notes };
}

async function writeBrokerFiles(out: Output, cloudUser: string, logins: readonly Login[]): Promise<void> {
  const agents = logins.filter(({ role }) => role === "agent").map(({ username }) => username);
  const kept = parsePasswordFile((await out.read("mosquitto/passwd")) ?? "");
  const hashes = new Map(
    logins.map(({ username, password }) => [username, passwordHash(password, kept.get(username))]),
  );
  await out.write("mosquitto/acl", aclFile(cloudUser, agents));
  await out.write("mosquitto/passwd", passwordFile(hashes), { secret: true });
  const accounts = await accountsFile(logins, await out.read("cloud/broker-accounts.json"));
  await out.write("cloud/broker-accounts.json", accounts, { secret: true });
}

interface KeptConfig<T> {
  readonly text: string;
  readonly value: T;
}

/** A configuration of an earlier run; CONFIG_INVALID when somebody has broken it since: it is not written over. */
async function keptConfig<T extends TSchema>(
  out: Output,
  path: string,
  schema: T,
): Promise<KeptConfig<Static<T>> | undefined> {
  const text = await out.read(path);
  if (text === undefined) return undefined;
  return { text, value: loadConfig(schema, join(out.root, path)) };
}

/** Where only the agents are left, their pinned ledger is the site's: a new one would cut them off. */
function ledgerOf(agents: ReadonlyMap<string, KeptConfig<AgentConfig>>, root: string): string | undefined {
  const ledgers = new Set([...agents.values()].map(({ value }) => value.cloud.ledger));
  if (ledgers.size > 1)
    throw E.LEDGERS_DIFFER({ folder: join(root, "agents"), cloud: join(root, "cloud", "cloud.yaml") });
  return [...ledgers][0];
}

/** The password in a file, made when there is none. */
async function password(out: Output, path: string): Promise<string> {
  const before = await out.read(path);
  const value = before === undefined ? randomBytes(24).toString("base64url") : readSecret(join(out.root, path)).value;
  await out.write(path, before ?? `${value}\n`, { secret: true });
  return value;
}

/** The public half of the key in its file, made when there is none: as the ledger, both sides must have it before they meet. */
async function configKeyOf(out: Output): Promise<string> {
  const path = `cloud/${CONFIG_KEY}`;
  const pem = (await out.read(path)) ?? newSigningKey();
  const key = publicHalf(signingKey(pem, join(out.root, path)));
  await out.write(path, pem, { secret: true });
  return key;
}

/** Files of readers that a person has to put into an agent's folder: only they know what is in them. */
async function notesOnFiles(site: Site, out: Output): Promise<string[]> {
  const notes: string[] = [];
  for (const reader of site.readers) {
    const { passwordFile, caFile } = reader as { readonly passwordFile?: string; readonly caFile?: string };
    for (const file of [passwordFile, caFile]) {
      if (file === undefined || isAbsolute(file)) continue;
      const path = `agents/${reader.agent}/${file}`;
      if ((await out.read(path)) === undefined)
        notes.push(`${reader.id} needs ${path}, or the same on the box: ${reader.agent} does not start without it.`);
    }
  }
  return notes;
}

function notesOn(site: Site, known: readonly string[]): string[] {
  const agents = new Set(site.agents.map(({ id }) => id));
  const gone = known.filter((id) => !agents.has(id));
  const idle = [...agents].filter((id) => !site.readers.some((reader) => reader.agent === id));
  return [
    ...gone.map((id) => `${id} is no agent of the site any more: its account is closed, its folder is left as it is.`),
    ...idle.map((id) => `${id} has no readers.`),
  ];
}

/** What keeps the cloud from starting as it is configured now. */
function notesOnListening({ http, broker }: CloudConfig): string[] {
  const listeners = { http, ...(broker.url === undefined ? { broker } : {}) };
  return Object.entries(listeners).flatMap(([key, { host, tls, insecure }]) => {
    const refused = tls === undefined && !insecure && !isLoopback(host);
    return refused
      ? [`The cloud will not listen on ${host} in the clear: give ${key}.tls in cloud.yaml its files.`]
      : [];
  });
}
