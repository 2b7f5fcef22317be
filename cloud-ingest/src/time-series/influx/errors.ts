import { defineErrors, describeError, isStorewardError } from "@storeward/runtime";
import { ResultError } from "influx";

export const E = defineErrors({
  SERIES_AWAY: { template: "{url} does not answer: {reason}", retryable: true },
  SERIES_UNTRUSTED: {
    template:
      "{url} cannot be trusted ({reason}): name in caFile the PEM of the authority that signed its certificate, and in url the host that it is for; where it speaks no TLS, write http",
    retryable: true,
  },
  SERIES_REFUSED: {
    template: "{url} refuses us ({reason}): look at user name and password, or the token, and what they may do there",
    retryable: true,
  },
  SERIES_REJECTED: {
    template:
      "{url} does not take our points ({reason}): where it speaks of a field type, something else writes measurements of our names there",
    retryable: true,
  },
  SERIES_MISSING: {
    template: "{url} has no {what}, and it cannot be made with what we may do there: {reason}",
    retryable: true,
  },
  SERIES_FAILED: { template: "{url} cannot do what it was asked: {reason}", retryable: true },
  SERIES_ANSWER: { template: "{url} answers what cannot be understood: {reason}", retryable: true },
});

/** The error of the catalogue for what a client says. `status` is that of HTTP, where there was an answer. */
export function influxError(url: string, error: unknown, status: number | undefined): Error {
  if (isStorewardError(error)) return error;
  const reason = describeError(error).slice(0, 500);
  if (status === 401 || status === 403) return E.SERIES_REFUSED({ url, reason }, { cause: error });
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429)
    return E.SERIES_REJECTED({ url, reason }, { cause: error });
  // Answered with 200, and an error of the statement.
  if (error instanceof ResultError) return E.SERIES_FAILED({ url, reason }, { cause: error });
  if (isTls(error)) return E.SERIES_UNTRUSTED({ url, reason }, { cause: error });
  return E.SERIES_AWAY({ url, reason }, { cause: error });
}

/** Whether there is a server, and no TLS with it: as Node (`ERR_TLS_…`, `ERR_SSL_…`) and OpenSSL (`…_CERT…`) name what was wrong. */
function isTls(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^ERR_(TLS|SSL)_|CERT|^UNABLE_TO_|^EPROTO$/.test(code);
}

/** Points that are older than what the database keeps are dropped by it, and only them: that is as it should be. */
export function isOnlyTooOld(error: unknown): boolean {
  return /beyond retention policy/i.test(describeError(error));
}
