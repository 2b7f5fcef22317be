import { type Clock, systemClock, type Timer } from "./clock.js";
import { identifyProcess } from "./process-identity.js";

const POLL_MS = 1000;

/**
 * Calls `onGone` once when the process named by STOREWARD_PARENT_PID has ended, looking once a second: a supervisor
 * that was killed cannot stop its children, so they do it. Undefined when the variable is not set.
 */
export function watchParent(
  onGone: () => void,
  { env = process.env, clock = systemClock }: { readonly env?: NodeJS.ProcessEnv; readonly clock?: Clock } = {},
): Timer | undefined {
  const pid = Number(env.STOREWARD_PARENT_PID);
  if (!Number.isSafeInteger(pid) || pid < 1) return undefined;
  const first = identifyProcess(pid);
  const timer = clock.every(POLL_MS, () => {
    const now = identifyProcess(pid);
    if (first.alive && now.alive && now.started === first.started) return;
    timer.stop();
    onGone();
  });
  return timer;
}
