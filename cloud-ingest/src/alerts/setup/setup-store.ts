import { randomBytes } from "node:crypto";
import type { AlertRule, AlertSetup, AlertSetupResult, AlertWindow } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import { type AuditSource, auditAll, SYSTEM } from "../../audit/index.js";
import type { Database, Sql, Transaction } from "../../database/index.js";
import { entityTag, isMet, type Precondition } from "../../http/index.js";
import type { PlaceDirectory } from "../../places/index.js";
import { E } from "../errors.js";
import { isSetByPeople, type StoredReceiver, type StoredSetup } from "../types.js";
import { checkSetup } from "./check.js";
import { DEFAULT_RULES } from "./defaults.js";

/** The lists of a setup, and what is in each. */
export const LISTS = { rules: "rule", receivers: "receiver", windows: "window" } as const;
export type SetupList = keyof typeof LISTS;
export type SetupDocument = AlertRule | StoredReceiver | AlertWindow;

export interface SetupStoreDeps {
  readonly db: Database;
  readonly places: Pick<PlaceDirectory, "byCode">;
  /** What follows from changed or removed rules, in the transaction of the change. */
  readonly onRules: (tx: Transaction, ids: readonly string[]) => Promise<void>;
}

/** What people have set, and which revision of it. */
export interface CurrentSetup extends StoredSetup {
  readonly revision: number;
}

/** Rules, receivers and windows in the database. A change is whole or not at all, checked as if all were new, and in the audit. */
export class SetupStore {
  readonly #deps: SetupStoreDeps;
  #cached: CurrentSetup | undefined;

  constructor(deps: SetupStoreDeps) {
    this.#deps = deps;
  }

  /** The rules that a new house has. Done again it changes nothing; what was removed since stays so. */
  async ensureDefaults(): Promise<void> {
    const { db } = this.#deps;
    await db.transaction(async (tx) => {
      const { revision } = await this.#read(tx, "FOR UPDATE");
      if (revision === 0) await this.#write(tx, await this.#load(tx, 0), { rules: [...DEFAULT_RULES] }, SYSTEM);
    });
  }

  /** Held until the transaction ends: nobody changes it meanwhile. */
  async hold(tx: Transaction): Promise<CurrentSetup> {
    return this.#read(tx, "FOR SHARE");
  }

  current(sql: Sql): Promise<CurrentSetup> {
    return this.#read(sql, "");
  }

  /** Replaces the lists that are given. With `dryRun` it says what would change. ALERT_SETUP_INVALID, ALERT_SETUP_CHANGED. */
  async replace(
    change: Partial<StoredSetup>,
    source: AuditSource,
    dryRun = false,
    precondition: Precondition = {},
  ): Promise<AlertSetupResult> {
    return this.#deps.db.transaction(async (tx) => {
      const before = await this.#read(tx, "FOR UPDATE");
      if (!isMet(precondition, setByPeople(before))) throw E.ALERT_SETUP_CHANGED();
      // Browsers have subscribed themselves: they are no part of what people bring in.
      const browsers = before.receivers.filter((receiver) => !isSetByPeople(receiver));
      const receivers = change.receivers && { receivers: [...change.receivers, ...browsers] };
      return this.#write(tx, before, { ...change, ...receivers }, source, dryRun);
    });
  }

  /** Sets one document; returns whether it is new. ALERT_SETUP_INVALID, and what {@link SetupStore.remove} says of changes by others. */
  async put(
    list: SetupList,
    document: SetupDocument,
    source: AuditSource,
    precondition: Precondition = {},
  ): Promise<boolean> {
    return this.#deps.db.transaction(async (tx) => {
      const before = await this.#read(tx, "FOR UPDATE");
      await checkUnchanged(tx, before, list, document.id, precondition);
      const others = (before[list] as readonly SetupDocument[]).filter(({ id }) => id !== document.id);
      await this.#write(tx, before, { [list]: [...others, document] }, source);
      return others.length === before[list].length;
    });
  }

  /** ALERT_DOCUMENT_NOT_FOUND; ALERT_DOCUMENT_CHANGED, _REMOVED, _EXISTS where it is not as the precondition has it. */
  async remove(list: SetupList, id: string, source: AuditSource, precondition: Precondition = {}): Promise<void> {
    await this.#deps.db.transaction(async (tx) => {
      const before = await this.#read(tx, "FOR UPDATE");
      await checkUnchanged(tx, before, list, id, precondition);
      const others = (before[list] as readonly SetupDocument[]).filter((other) => other.id !== id);
      if (others.length === before[list].length) throw E.ALERT_DOCUMENT_NOT_FOUND({ kind: LISTS[list], id });
      await this.#write(tx, before, { [list]: others }, source);
    });
  }

  async #read(sql: Sql, lock: "" | "FOR SHARE" | "FOR UPDATE"): Promise<CurrentSetup> {
    const [row] = await sql.query<{ revision: number }>(`SELECT revision FROM alert_revision ${lock}`);
    const revision = row?.revision ?? 0;
    if (this.#cached?.revision !== revision) this.#cached = await this.#load(sql, revision);
    return this.#cached;
  }

  async #load(sql: Sql, revision: number): Promise<CurrentSetup> {
    const rows = await sql.query<{ kind: string; body: SetupDocument }>(
      "SELECT kind, body FROM alert_document ORDER BY kind, id",
    );
    const of = <T extends SetupDocument>(list: SetupList) =>
      rows.filter(({ kind }) => kind === LISTS[list]).map(({ body }) => body as T);
    return { revision, rules: of("rules"), receivers: of("receivers"), windows: of("windows") };
  }

  async #write(
    tx: Transaction,
    before: StoredSetup,
    change: Partial<StoredSetup>,
    source: AuditSource,
    dryRun = false,
  ): Promise<AlertSetupResult> {
    const { places, onRules } = this.#deps;
    const { rules, receivers, windows } = before;
    // A place that is no more is no reason to refuse what is changed elsewhere.
    const named = new Set([...rules, ...receivers, ...windows].flatMap(placesNamed));
    const hasPlace = (code: string) => places.byCode(code) !== undefined || named.has(code);
    const problems = checkSetup({ rules, receivers, windows, ...change }, hasPlace);
    const [first] = problems;
    if (first !== undefined)
      throw E.ALERT_SETUP_INVALID({ first: `${first.where}: ${first.message}`, errors: problems });
    const changed: { list: SetupList; document: SetupDocument }[] = [];
    const removed: { list: SetupList; id: string }[] = [];
    let unchanged = 0;
    for (const list of Object.keys(LISTS) as SetupList[]) {
      const wanted: readonly SetupDocument[] | undefined = change[list];
      if (wanted === undefined) continue;
      const was = new Map(
        (before[list] as readonly SetupDocument[]).map((document) => [document.id, entityTag(document)]),
      );
      for (const document of wanted) {
        if (was.get(document.id) === entityTag(document)) unchanged++;
        else changed.push({ list, document });
        was.delete(document.id);
      }
      for (const id of was.keys()) removed.push({ list, id });
    }
    const result = { changed: changed.length, removed: removed.length, unchanged };
    if (dryRun || changed.length + removed.length === 0) return result;
    await store(tx, changed, removed, source.actor);
    const ids = [
      ...changed.flatMap(({ list, document }) => (list === "rules" ? [document.id] : [])),
      ...removed.flatMap(({ list, id }) => (list === "rules" ? [id] : [])),
    ];
    if (ids.length > 0) await onRules(tx, ids);
    await auditAll(tx, [
      ...changed.map(({ list, document }) => ({
        ...source,
        action: `alert-${LISTS[list]}.set`,
        subject: `alert-${LISTS[list]}:${document.id}`,
        detail: auditable(document),
      })),
      ...removed.map(({ list, id }) => ({
        ...source,
        action: `alert-${LISTS[list]}.removed`,
        subject: `alert-${LISTS[list]}:${id}`,
      })),
    ]);
    return result;
  }
}

/** What people have set, without the browsers that have subscribed themselves. */
export function setByPeople({ rules, receivers, windows }: StoredSetup): AlertSetup {
  return { rules: [...rules], receivers: receivers.filter(isSetByPeople), windows: [...windows] };
}

async function checkUnchanged(
  tx: Transaction,
  before: StoredSetup,
  list: SetupList,
  id: string,
  precondition: Precondition,
): Promise<void> {
  const there = (before[list] as readonly SetupDocument[]).find((document) => document.id === id);
  if (isMet(precondition, there)) return;
  const kind = LISTS[list];
  if (there === undefined) throw E.ALERT_DOCUMENT_REMOVED({ kind });
  if (precondition.absent === true) throw E.ALERT_DOCUMENT_EXISTS({ kind, id });
  const [{ by, at } = { by: "Somebody", at: new Date() }] = await tx.query<{ by: string; at: Date }>(
    "SELECT changed_by AS by, changed_at AS at FROM alert_document WHERE kind = $1 AND id = $2",
    [kind, id],
  );
  throw E.ALERT_DOCUMENT_CHANGED({ kind, by, at: isoMs(at.getTime()) });
}

async function store(
  tx: Transaction,
  changed: readonly { readonly list: SetupList; readonly document: SetupDocument }[],
  removed: readonly { readonly list: SetupList; readonly id: string }[],
  actor: string,
): Promise<void> {
  await tx.query(
    `INSERT INTO alert_document (kind, id, body, changed_by)
     SELECT kind, id, body, $4 FROM unnest($1::text[], $2::text[], $3::jsonb[]) AS n(kind, id, body)
     ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body, changed_by = excluded.changed_by, changed_at = now()`,
    [
      changed.map(({ list }) => LISTS[list]),
      changed.map(({ document }) => document.id),
      changed.map(({ document }) => JSON.stringify(document)),
      actor,
    ],
  );
  await tx.query(
    "DELETE FROM alert_document d USING unnest($1::text[], $2::text[]) AS n(kind, id) WHERE d.kind = n.kind AND d.id = n.id",
    [removed.map(({ list }) => LISTS[list]), removed.map(({ id }) => id)],
  );
  await tx.query(
    "DELETE FROM alert_secret WHERE NOT receiver IN (SELECT id FROM alert_document WHERE kind = 'receiver')",
  );
  for (const { document } of changed)
    if ("by" in document && document.by.kind === "webhook") await secretOf(tx, document.id);
  await tx.query("UPDATE alert_revision SET revision = revision + 1");
}

function placesNamed(document: SetupDocument): readonly string[] {
  const place = "place" in document && document.place !== undefined ? [document.place] : [];
  return [...place, ...("places" in document ? (document.places ?? []) : [])];
}

/** Without what only the receiver may know: the audit cannot be erased. */
function auditable(document: SetupDocument): Record<string, unknown> {
  if (!("by" in document)) return { ...document };
  const { by } = document;
  if (by.kind === "email") return { ...document };
  return { ...document, by: { kind: by.kind, host: new URL(by.kind === "push" ? by.endpoint : by.url).host } };
}

const SECRET_BYTES = 24;

/** The secret of a webhook, made where there is none, or anew: `whsec_` and base64, as Standard Webhooks has it. */
export async function secretOf(sql: Sql, receiver: string, anew = false): Promise<string> {
  const made = `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
  const [row] = await sql.query<{ secret: string }>(
    `INSERT INTO alert_secret (receiver, secret) VALUES ($1, $2)
     ON CONFLICT (receiver) DO UPDATE SET secret = CASE WHEN $3 THEN excluded.secret ELSE alert_secret.secret END RETURNING secret`,
    [receiver, made, anew],
  );
  return row?.secret ?? made;
}
