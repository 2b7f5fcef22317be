import type {
  Alert,
  AlertCounts,
  AlertDetail,
  AlertPage,
  AlertPushKey,
  AlertPushSubscription,
  AlertReceiver,
  AlertReceiverAnswer,
  AlertRule,
  AlertRules,
  AlertSetup,
  AlertSetupChange,
  AlertSetupResult,
  AlertState,
  AlertStatus,
  AlertWindow,
  CurrentSession,
  GatewayList,
  Health,
  ItemDetail,
  ItemEvidence,
  ItemPage,
  KindPage,
  LocationList,
  NewItem,
  RefusedAct,
  RefusedActList,
  SeriesSchema,
  Session,
  Setbacks,
  StayPage,
  TagAct,
  TroubleCounts,
  TroubleKind,
  UnknownTagPage,
} from "@storeward/contracts";
import { ApiError, asProblem } from "./problem.js";

export interface ClientOptions {
  readonly fetch: typeof fetch;
  /** Called at every 401 but that of a sign-in. */
  readonly onSignedOut: () => void;
  /** Called with the server's time, from the Date header, whenever it answers. */
  readonly onServerTime: (at: Date) => void;
}

interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  readonly query?: Record<string, string | number | undefined>;
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that carry an answer and no problem. */
  readonly also?: readonly number[];
  readonly quiet401?: boolean;
}

const BASE = "/api/v1";
const TIMEOUT_MS = 20_000;

/** What can be set for alerts, by the list it is in. */
export interface AlertDocuments {
  readonly rules: AlertRule;
  readonly receivers: AlertReceiver;
  readonly windows: AlertWindow;
}

/** What is answered to who sets one. */
export type AlertAnswer<L extends keyof AlertDocuments> = L extends "receivers"
  ? AlertReceiverAnswer
  : AlertDocuments[L];

/** One of them as it was read, and the tag that tells whether it still is so. */
export interface AsRead<D> {
  readonly document: D;
  readonly tag: string;
}

export type Client = ReturnType<typeof createClient>;

/** The API as functions. Each rejects with {@link ApiError}, or with the abort reason of its signal. */
export function createClient({ fetch, onSignedOut, onServerTime }: ClientOptions) {
  async function call<T>(path: string, options: Call = {}): Promise<T> {
    return (await exchange<T>(path, options)).answer;
  }

  async function exchange<T>(
    path: string,
    { method = "GET", body, query, signal, also, quiet401, headers }: Call,
  ): Promise<{ answer: T; tag: string }> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    let response: Response;
    try {
      response = await fetch(`${BASE}${path}${queryText(query)}`, {
        method,
        credentials: "same-origin",
        headers: {
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
    } catch (cause) {
      if (signal?.aborted === true) throw cause;
      throw new ApiError(0, null, { cause });
    }
    const date = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(date)) onServerTime(new Date(date));
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok || also?.includes(response.status) === true)
      return { answer: answer as T, tag: response.headers.get("etag") ?? "" };
    if (response.status === 401 && quiet401 !== true) onSignedOut();
    throw new ApiError(response.status, asProblem(answer));
  }
  const id = encodeURIComponent;

  async function alertDocument<L extends keyof AlertDocuments>(
    list: L,
    document: string,
    signal?: AbortSignal,
  ): Promise<AsRead<AlertDocuments[L]>> {
    const { answer, tag } = await exchange<AlertDocuments[L]>(`/alerts/${list}/${id(document)}`, { signal });
    return { document: answer, tag };
  }

  /** @param tag of what it takes the place of; null: it is new. Refused with 412 where that is not so any more. */
  const setAlertDocument = <L extends keyof AlertDocuments>(list: L, document: AlertDocuments[L], tag: string | null) =>
    call<AlertAnswer<L>>(`/alerts/${list}/${id(document.id)}`, {
      method: "PUT",
      body: document,
      headers: tag === null ? { "if-none-match": "*" } : { "if-match": tag },
    });

  return {
    session: () => call<CurrentSession>("/session", { quiet401: true }),
    signIn: (username: string, password: string) =>
      call<Session>("/session", { method: "POST", body: { username, password }, quiet401: true }),
    signOut: () => call<null>("/session", { method: "DELETE", quiet401: true }),
    health: () => call<Health>("/health", { also: [503], quiet401: true }),
    locations: () => call<LocationList>("/locations"),
    gateways: () => call<GatewayList>("/gateways"),
    items: (
      query: {
        q?: string;
        kind?: string;
        place?: string;
        limit?: number;
        cursor?: string;
        near?: string;
        trouble?: TroubleKind;
      },
      signal?: AbortSignal,
    ) => call<ItemPage>("/items", { query, signal }),
    kinds: (q: string, signal?: AbortSignal) =>
      call<KindPage>("/kinds", { query: { q: q === "" ? undefined : q }, signal }),
    item: (item: string, signal?: AbortSignal) => call<ItemDetail>(`/items/${id(item)}`, { signal }),
    history: (item: string, cursor?: string, signal?: AbortSignal) =>
      call<StayPage>(`/items/${id(item)}/history`, { query: { cursor }, signal }),
    evidence: (item: string, signal?: AbortSignal) => call<ItemEvidence>(`/items/${id(item)}/evidence`, { signal }),
    alerts: (query: { state?: AlertState; item?: string; agent?: string; limit?: number }, signal?: AbortSignal) =>
      call<AlertPage>("/alerts", { query, signal }),
    alert: (alert: string, signal?: AbortSignal) => call<AlertDetail>(`/alerts/${id(alert)}`, { signal }),
    alertCounts: () => call<AlertCounts>("/alerts/counts"),
    alertStatus: (signal?: AbortSignal) => call<AlertStatus>("/alerts/status", { signal }),
    alertRules: (signal?: AbortSignal) => call<AlertRules>("/alerts/rules", { signal }),
    acknowledge: (alert: string, note: string) =>
      call<Alert>(`/alerts/${id(alert)}/acknowledge`, { method: "POST", body: { note } }),
    async alertSetup(signal?: AbortSignal): Promise<AsRead<AlertSetup>> {
      const { answer, tag } = await exchange<AlertSetup>("/alerts/setup", { signal });
      return { document: answer, tag };
    },
    seriesSchema: (signal?: AbortSignal) => call<SeriesSchema>("/series/schema", { signal }),
    alertDocument,
    setAlertDocument,
    /** Whatever else is set of it now stays so. */
    async switchAlertDocument<L extends keyof AlertDocuments>(list: L, document: string, enabled: boolean) {
      const read = await alertDocument(list, document);
      await setAlertDocument(list, { ...read.document, enabled }, read.tag);
    },
    /** @param tag where it was read: refused where it is another now */
    removeAlertDocument: (list: keyof AlertDocuments, document: string, tag?: string) =>
      call<null>(`/alerts/${list}/${id(document)}`, {
        method: "DELETE",
        ...(tag === undefined ? {} : { headers: { "if-match": tag } }),
      }),
    newReceiverSecret: (receiver: string) =>
      call<AlertReceiverAnswer>(`/alerts/receivers/${id(receiver)}/secret`, { method: "POST" }),
    /** @param tag of all that it may take the place of: refused where it is another now */
    setAlertSetup: (setup: AlertSetupChange, tag: string) =>
      call<AlertSetupResult>("/alerts/setup", { method: "PUT", body: setup, headers: { "if-match": tag } }),
    testReceiver: (receiver: string) => call<null>(`/alerts/receivers/${id(receiver)}/test`, { method: "POST" }),
    pushKey: () => call<AlertPushKey>("/alerts/push"),
    subscribePush: (subscription: AlertPushSubscription) =>
      call<null>("/alerts/push", { method: "POST", body: subscription }),
    unsubscribePush: (endpoint: string) => call<null>("/alerts/push", { method: "DELETE", body: { endpoint } }),
    troubles: (signal?: AbortSignal) => call<TroubleCounts>("/items/troubles", { signal }),
    setbacks: (signal?: AbortSignal) => call<Setbacks>("/setbacks", { signal }),
    retake: (agent: string) =>
      call<{ taken: number; left: number }>("/quarantine/retake", { method: "POST", body: { agent } }),
    retry: (follower: string) => call<{ asked: number }>("/parked/retry", { method: "POST", body: { follower } }),
    unknownTags: (limit: number) => call<UnknownTagPage>("/tags/unknown", { query: { limit } }),
    refusedActs: (signal?: AbortSignal) => call<RefusedActList>("/acts/refused", { signal }),
    tryActAgain: ({ source, epoch, seq }: RefusedAct) =>
      call<{ done: boolean }>(`/acts/refused/${source}/${epoch}/${seq}/again`, { method: "POST" }),
    dismissAct: ({ source, epoch, seq }: RefusedAct) =>
      call<null>(`/acts/refused/${source}/${epoch}/${seq}/dismiss`, { method: "POST" }),
    createItem: (item: NewItem) => call<unknown>("/items", { method: "POST", body: item }),
    actOnTag: (item: string, act: TagAct) => call<unknown>(`/items/${id(item)}/tags`, { method: "POST", body: act }),
  };
}

function queryText(query: Call["query"] = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}
