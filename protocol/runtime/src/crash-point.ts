import { defineErrors } from "./errors.js";

const E = defineErrors({
  CRASH_POINT_UNKNOWN: {
    template: "STOREWARD_CRASH_AT={value} names no crash point: write LABEL:COUNT with one of {labels}, or unset it",
  },
});

/** The moments at which a crash of an agent is most likely to lose something or to say it twice. */
export const AGENT_CRASH_POINTS = [
  "after-commit",
  "before-send",
  "after-send",
  "before-ack",
  "while-trimming",
] as const;
/** Of a journal that carries its rows into a new epoch, and of one that is carried out of a damaged file. */
export const FORK_CRASH_POINTS = ["while-forking", "before-changing-over"] as const;
export const SALVAGE_CRASH_POINTS = ["while-salvaging", "before-taking-place", "after-taking-place"] as const;
/** The same of a cloud process. */
export const CLOUD_CRASH_POINTS = [
  "before-intake-commit",
  "after-intake-commit",
  "after-answer",
  "before-follower-commit",
  "after-follower-commit",
  "before-settled-commit",
  "after-series-write",
] as const;
/** Of a cloud process that opens, closes and delivers alerts. */
export const ALERT_CRASH_POINTS = [
  "before-alerts-commit",
  "after-alerts-commit",
  "after-alert-send",
  "after-alert-delivered",
] as const;
const ALL = [
  ...AGENT_CRASH_POINTS,
  ...FORK_CRASH_POINTS,
  ...SALVAGE_CRASH_POINTS,
  ...CLOUD_CRASH_POINTS,
  ...ALERT_CRASH_POINTS,
] as const;
export type CrashLabel = (typeof ALL)[number];

interface CrashAt {
  readonly label: CrashLabel;
  count: number;
}

/**
 * A hook for tests: with `STOREWARD_CRASH_AT=after-commit:3` in the environment this process kills itself (SIGKILL, so that nothing is
 * tidied up) when it passes that point for the third time. The environment is read once; without it a crash point does nothing.
 */
export const crashAt = readCrashAt(process.env.STOREWARD_CRASH_AT);

export const crashPoint: (label: CrashLabel) => void =
  crashAt === undefined ? () => undefined : (label) => pass(crashAt, label);

function pass(at: CrashAt, label: CrashLabel): void {
  if (label === at.label && --at.count === 0) process.kill(process.pid, "SIGKILL");
}

/** Errors: CRASH_POINT_UNKNOWN; a slip in a test would otherwise make it pass. */
export function readCrashAt(value: string | undefined): CrashAt | undefined {
  if (value === undefined || value === "") return undefined;
  const [, name, count] = /^([a-z-]+):([1-9]\d{0,8})$/.exec(value) ?? [];
  const label = ALL.find((known) => known === name);
  if (label === undefined) throw E.CRASH_POINT_UNKNOWN({ value, labels: ALL.join(", ") });
  return { label, count: Number(count) };
}
