import * as http from "node:http";
import * as https from "node:https";
import { type Clock, describeError } from "@storeward/runtime";
import { isRecord, type JsonRecord, parseJson, textOf } from "../json-values.js";
import { E } from "./errors.js";

const ANSWER_MS = 5_000;
/** The schema of presets is the longest answer: tens of kilobytes. */
const MAX_ANSWER = 1024 * 1024;
const USERNAME = "root";

export interface ImpinjApiOptions {
  /** https://host, without a path. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** PEM of who signed the reader's certificate. */
  readonly ca?: Buffer | undefined;
  readonly certificateName?: string | undefined;
  readonly clock: Clock;
}

/** What a stream tells. `onEnd` is told once, whatever ended it, and nothing after `destroy()`. */
export interface StreamEvents {
  readonly onChunk: (chunk: Buffer) => void;
  readonly onEnd: (error: unknown) => void;
}

/**
 * The REST API of one reader (Impinj Reader Configuration REST API 1.7, `/api/v1`, HTTP basic authentication). Every request has a
 * time limit and every answer a bound. Errors: IMPINJ_CONNECT, IMPINJ_TIMEOUT, IMPINJ_UNAUTHORIZED, IMPINJ_STATUS, IMPINJ_ANSWER.
 */
export class ImpinjApi {
  readonly #options: ImpinjApiOptions;
  readonly #agent: http.Agent;
  readonly #base: URL;

  constructor(options: ImpinjApiOptions) {
    this.#options = options;
    this.#base = new URL(options.url);
    const { ca, certificateName } = options;
    this.#agent =
      this.#base.protocol === "https:"
        ? new https.Agent({
            keepAlive: true,
            ...(ca === undefined ? {} : { ca }),
            ...(certificateName === undefined ? {} : { servername: certificateName }),
          })
        : new http.Agent({ keepAlive: true });
  }

  get(path: string): Promise<JsonRecord> {
    return this.#ask("GET", path, undefined);
  }

  put(path: string, body: JsonRecord): Promise<JsonRecord> {
    return this.#ask("PUT", path, body);
  }

  post(path: string, body?: JsonRecord): Promise<JsonRecord> {
    return this.#ask("POST", path, body);
  }

  /** Opens the stream of events. Resolves when the reader has accepted it; the connection then belongs to it alone. */
  stream(path: string, events: StreamEvents): Promise<void> {
    const what = `GET ${path}`;
    return new Promise((resolve, reject) => {
      const request = this.#request("GET", path, undefined);
      const limit = this.#options.clock.after(ANSWER_MS, () => {
        request.destroy(E.IMPINJ_TIMEOUT({ request: what, ms: ANSWER_MS }));
      });
      request.on("error", (error) => {
        limit.stop();
        reject(this.#connectError(error));
        events.onEnd(this.#connectError(error));
      });
      request.on("response", (response) => {
        limit.stop();
        if (response.statusCode !== 200) {
          request.destroy();
          reject(statusError(what, response.statusCode ?? 0, undefined));
          return;
        }
        response.on("data", events.onChunk);
        response.on("error", (error) => events.onEnd(E.IMPINJ_CLOSED({ reason: error.message }, { cause: error })));
        response.on("close", () => events.onEnd(E.IMPINJ_CLOSED({ reason: "the reader closed it" })));
        resolve();
      });
      request.end();
    });
  }

  /** Ends every connection at once. */
  destroy(): void {
    this.#agent.destroy();
  }

  #ask(method: string, path: string, body: JsonRecord | undefined): Promise<JsonRecord> {
    const what = `${method} ${path}`;
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = this.#request(method, path, text);
      const limit = this.#options.clock.after(ANSWER_MS, () => {
        request.destroy(E.IMPINJ_TIMEOUT({ request: what, ms: ANSWER_MS }));
      });
      const fail = (error: unknown): void => {
        limit.stop();
        reject(this.#connectError(error));
      };
      request.on("error", fail);
      request.on("response", (response) => {
        collect(response, what).then(
          (answer) => {
            limit.stop();
            const { statusCode = 0 } = response;
            if (statusCode >= 200 && statusCode < 300) resolve(isRecord(answer) ? answer : {});
            else reject(statusError(what, statusCode, answer));
          },
          (error: unknown) => {
            request.destroy();
            fail(error);
          },
        );
      });
      request.end(text);
    });
  }

  #request(method: string, path: string, body: string | undefined): http.ClientRequest {
    const { username = USERNAME, password } = this.#options;
    const { request } = this.#base.protocol === "https:" ? https : http;
    return request(new URL(`/api/v1${path}`, this.#base), {
      method,
      agent: this.#agent,
      ...(password === undefined ? {} : { auth: `${username}:${password}` }),
      headers: {
        accept: "application/json",
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
      },
    });
  }

  #connectError(error: unknown): unknown {
    if (error instanceof Error && error.name === "StorewardError") return error;
    return E.IMPINJ_CONNECT({ url: this.#options.url, reason: describeError(error) }, { cause: error });
  }
}

/** The JSON of an answer; undefined where there is none. */
async function collect(response: http.IncomingMessage, request: string): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER) throw E.IMPINJ_ANSWER({ request, reason: `it is longer than ${MAX_ANSWER} bytes` });
    chunks.push(chunk);
  }
  return parseJson(Buffer.concat(chunks).toString("utf8"));
}

/** An ErrorResponse has a message, and names the property that is wrong. */
function statusError(request: string, status: number, answer: unknown): Error {
  if (status === 401) return E.IMPINJ_UNAUTHORIZED({ request });
  const said = isRecord(answer) ? [textOf(answer.message, 200), textOf(answer.invalidPropertyId)] : [];
  const words = said.filter((part) => part !== undefined).join(", ");
  return E.IMPINJ_STATUS({ request, status, detail: words === "" ? "" : `: ${words}` });
}
