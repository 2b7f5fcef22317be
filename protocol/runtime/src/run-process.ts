import type { Part } from "./lifecycle.js";
import type { Logger } from "./log.js";
import { watchParent } from "./parent-watch.js";

export interface ProcessOptions {
  readonly name: string;
  /** Builds the part that is the process; what it needs to read (configuration, secrets) it reads here. */
  build(): Promise<Part>;
  readonly log: Logger;
}

/**
 * Runs one part as this process until SIGINT or SIGTERM, or until the parent named by STOREWARD_PARENT_PID is gone.
 * Exits by itself: 0 after a clean stop, 1 when the start, the stop or anything uncaught failed (logged), 130 at once
 * on a second signal. Resolves when started.
 */
export async function runProcess({ name, build, log }: ProcessOptions): Promise<void> {
  let part: Part | undefined;
  let ending = false;

  const end = (why: string): void => {
    if (ending) return;
    ending = true;
    parent?.stop();
    log.info({ why }, `${name} is stopping`);
    const stopped = part === undefined ? Promise.resolve() : part.stop();
    stopped.then(
      () => {
        log.info(`${name} has stopped`);
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ err: error }, `${name} did not stop cleanly`);
        process.exit(1);
      },
    );
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (ending) process.exit(130);
    end(signal);
  };
  const onUncaught = (error: unknown): void => {
    log.fatal({ err: error }, `${name} failed`);
    process.exit(1);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("uncaughtException", onUncaught);
  process.on("unhandledRejection", onUncaught);
  const parent = watchParent(() => end("the process that started it is gone"));

  try {
    part = await build();
    if (ending) return;
    await part.start();
  } catch (error) {
    if (ending) return;
    ending = true;
    log.fatal({ err: error }, `${name} did not start`);
    process.exit(1);
  }
}
