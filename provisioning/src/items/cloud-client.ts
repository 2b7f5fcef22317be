import { ItemImportResult, type NewItem, Problem, Session } from "@storeward/contracts";
import { type Clock, checkConnect, defineErrors, RECONNECT, retry, validator } from "@storeward/runtime";

const E = defineErrors({
  CLOUD_UNREACHABLE: { template: "{url} does not answer: is storeward-cloud running there?", retryable: true },
  CLOUD_UNTRUSTED: {
    template:
      "The certificate of {url} is not to be trusted ({reason}): where it is of your own authority, name that with NODE_EXTRA_CA_CERTS=ca.pem",
    retryable: false,
  },
  CLOUD_BUSY: { template: "{url} answers {status}: it is busy", retryable: true },
  CLOUD_SIGN_IN_REFUSED: { template: "{url} does not sign in {username}: {reason}", retryable: false },
  CLOUD_REFUSED: { template: "{url} answers {status}: {reason}", retryable: false },
  CLOUD_STRANGE: { template: "What answers at {url} is not the cloud of this release: {reason}", retryable: false },
});

export interface CloudAccess {
  /** `http://host:port` */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly insecure?: boolean | undefined;
}

const isSession = validator(Session);
const isResult = validator(ItemImportResult);
const isProblem = validator(Problem);
const TIMEOUT_MS = 60_000;
const ATTEMPTS = 5;

/** The part of the HTTP API that loads items, as a signed-in user. */
export class CloudClient {
  readonly #access: CloudAccess;
  readonly #clock: Clock;
  readonly #onRetry: (problem: string) => void;
  #token: string | undefined;

  /** @param onRetry told why a request is made again */
  constructor(access: CloudAccess, clock: Clock, onRetry: (problem: string) => void) {
    this.#access = access;
    this.#clock = clock;
    this.#onRetry = onRetry;
  }

  async signIn(): Promise<void> {
    const { url, username, password, insecure } = this.#access;
    const { protocol, hostname } = new URL(url);
    checkConnect({ host: hostname, tls: protocol === "https:", insecure, what: "storeward-provision" });
    const { status, body } = await this.#call("POST", "/session", { username, password });
    if (status === 401 || status === 403)
      throw E.CLOUD_SIGN_IN_REFUSED({ url, username, reason: reasonOf(body, "wrong user name or password") });
    if (status >= 300) throw E.CLOUD_REFUSED({ url, status, reason: reasonOf(body, "sign-in failed") });
    const session = isSession(body);
    if (!session.ok) throw E.CLOUD_STRANGE({ url, reason: session.errors.join("; ") });
    this.#token = session.value.token;
  }

  /** Ends the session; a failure is of no consequence, as it ends by itself. */
  async signOut(): Promise<void> {
    await this.#call("DELETE", "/session").catch(() => undefined);
    this.#token = undefined;
  }

  /** One import, whole or not at all; `errors` name the items that keep it from being done. */
  async importItems(items: readonly NewItem[], dryRun: boolean): Promise<ItemImportResult> {
    const { status, body } = await this.#call("POST", "/items/import", { items, dryRun });
    const result = isResult(body);
    if (result.ok) return result.value;
    const errors = refusedItems(body);
    if (errors.length > 0) return { created: 0, changed: 0, unchanged: 0, errors };
    const { url } = this.#access;
    if (status >= 300) throw E.CLOUD_REFUSED({ url, status, reason: reasonOf(body, "no reason given") });
    throw E.CLOUD_STRANGE({ url, reason: result.errors.join("; ") });
  }

  /** Everything called here can be repeated without harm. */
  #call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    return retry(() => this.#once(method, path, body), {
      schedule: RECONNECT,
      clock: this.#clock,
      attempts: ATTEMPTS,
      onRetry: ({ error }) => this.#onRetry(`${error instanceof Error ? error.message : String(error)}; trying again`),
    });
  }

  async #once(method: string, path: string, body: unknown): Promise<{ status: number; body: unknown }> {
    const { url } = this.#access;
    const headers: Record<string, string> = { accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (this.#token !== undefined) headers.authorization = `Bearer ${this.#token}`;
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(new URL(`/api/v1${path}`, url), {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      text = await answer.text();
    } catch (cause) {
      const reason = certificateProblem(cause);
      throw reason === undefined ? E.CLOUD_UNREACHABLE({ url }, { cause }) : E.CLOUD_UNTRUSTED({ url, reason });
    }
    if ([429, 502, 503, 504].includes(answer.status)) throw E.CLOUD_BUSY({ url, status: answer.status });
    return { status: answer.status, body: parseJson(text) };
  }
}

/** OpenSSL's word on a certificate, beneath what `fetch` throws. */
function certificateProblem(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return /CERT|SELF_SIGNED|VERIFY/.test(code) ? code : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(body: unknown, otherwise: string): string {
  const problem = isProblem(body);
  if (!problem.ok) return otherwise;
  const { title, detail, code, errors = [] } = problem.value;
  const more = errors.slice(0, 5).map(({ where, message }) => `${where} ${message}`);
  return `${[detail ?? title, ...more].join("; ")} (${code})`;
}

/** Items that problem details name by `where`: `/items/3/gtin`. */
function refusedItems(body: unknown): ItemImportResult["errors"] {
  const problem = isProblem(body);
  if (!problem.ok) return [];
  const { code, errors = [] } = problem.value;
  return errors.flatMap(({ where, message }) => {
    const [, index, key] = /items[/.[](\d+)\]?[/.]?(\w*)/.exec(where) ?? [];
    return index === undefined ? [] : [{ index: Number(index), code, message: `${key ?? ""} ${message}`.trim() }];
  });
}
