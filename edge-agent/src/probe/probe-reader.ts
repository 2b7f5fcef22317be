import { type Clock, checkConnect, describeError, isStorewardError, type Logger } from "@storeward/runtime";
import { loadProbe } from "../readers/index.js";
import type { ProbeContext, ProbeReport, ProbeTarget } from "../readers/probe.js";
import { E } from "./errors.js";
import { candidates, hostOf, isEncrypted, reaches } from "./target.js";

export interface ProbeOptions {
  readonly target: ProbeTarget;
  /** As typed, for messages. */
  readonly name: string;
  /** Only this driver is tried. */
  readonly driver?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly login?: ProbeContext["login"];
  /** Of the whole, ms. */
  readonly limitMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Found extends ProbeReport {
  readonly driver: string;
}

/**
 * Tries the drivers that a target may be read with, one after the other, until one understands what answers. Rejects with PROBE_FAILED,
 * which names what each of them met.
 */
export async function probeReader(options: ProbeOptions): Promise<Found> {
  const { target, name, driver, clock, log, login, limitMs } = options;
  const tried = driver === undefined ? candidates(target) : [driver];
  const probes = await Promise.all(tried.map((candidate) => loadProbe(candidate)));
  const wrong = tried.find((candidate) => !reaches(candidate, target));
  if (wrong !== undefined) throw E.PROBE_WRONG_LINE({ driver: wrong, line: name });
  checkExposure(options);
  const until = clock.mono() + limitMs;
  const reasons: string[] = [];
  for (const [index, probe] of probes.entries()) {
    const candidate = tried[index] ?? "";
    // Whoever is asked in the wrong language stays silent: the time that is left is shared out.
    const ms = Math.max(0, (until - clock.mono()) / (tried.length - index));
    const enough = new AbortController();
    const limit = clock.after(ms, () => enough.abort(E.PROBE_TIMEOUT({ ms: Math.round(ms) })));
    try {
      return { driver: candidate, ...(await probe(target, { clock, log, login, signal: enough.signal })) };
    } catch (error) {
      reasons.push(`  ${candidate}: ${isStorewardError(error) ? error.message : describeError(error)}`);
      // A port that cannot be opened opens for none of them.
      if (isStorewardError(error, "SERIAL_OPEN") && target.device !== undefined) break;
    } finally {
      limit.stop();
    }
  }
  throw E.PROBE_FAILED({ target: name, reasons: reasons.join("\n") });
}

function checkExposure({ target, insecure }: ProbeOptions): void {
  const host = hostOf(target);
  if (host === undefined) return;
  try {
    checkConnect({ host, tls: isEncrypted(target), insecure, what: "The probe" });
  } catch (cause) {
    if (!isStorewardError(cause, "INSECURE_CONNECT")) throw cause;
    throw E.PROBE_PLAIN({ host });
  }
}
