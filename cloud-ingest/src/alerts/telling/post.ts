import { E } from "../errors.js";

const LIMIT_MS = 15_000;

/**
 * Posts to a receiver, and returns with which status it answered; redirects are not followed. ALERT_NOT_REACHED where it does not answer in 15 s.
 * @param signal breaks it off
 */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<number> {
  try {
    const either = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
    const answer = await fetch(url, { method: "POST", redirect: "manual", headers, body, signal: either });
    // What it answers besides is nobody's.
    await answer.body?.cancel();
    return answer.status;
  } catch (error) {
    // "fetch failed" says nothing: what is under it does.
    throw E.ALERT_NOT_REACHED({}, { cause: error instanceof TypeError ? (error.cause ?? error) : error });
  }
}

/** ALERT_REFUSED unless the receiver has it. */
export function checkTaken(status: number): void {
  if (status < 200 || status >= 300) throw E.ALERT_REFUSED({ status });
}
