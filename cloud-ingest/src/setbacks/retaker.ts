import { describeError, type Logger, type Part } from "@storeward/runtime";
import { type RetakeDeps, retake } from "../intake/index.js";

/** At the start of a release: what earlier ones could not understand is tried once. */
export class Retaker implements Part {
  readonly name = "retaker";
  readonly #deps: RetakeDeps;
  readonly #log: Logger;
  #running: Promise<void> = Promise.resolve();

  constructor({ log, ...deps }: RetakeDeps & { readonly log: Logger }) {
    this.#deps = { ...deps, onlyUntried: true };
    this.#log = log;
  }

  /** Beside everything else: there may be many. */
  async start(): Promise<void> {
    this.#running = this.run();
  }

  async stop(): Promise<void> {
    await this.#running;
  }

  async run(): Promise<void> {
    try {
      const { taken, left } = await retake(this.#deps);
      if (taken + left > 0) this.#log.info({ taken, left }, "Rows in quarantine have been tried by this release");
    } catch (error) {
      this.#log.warn(
        { error: describeError(error) },
        "Rows in quarantine could not be tried: storeward-cloud quarantine retake",
      );
    }
  }
}
