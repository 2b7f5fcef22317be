import { setTimeout as pause } from "node:timers/promises";
import type { AlertMessage } from "@storeward/contracts";
import type { HookServer, MailServer } from "../../../cloud-ingest/src/alerts/telling/testing.js";
import type { TestInflux } from "../../../cloud-ingest/src/time-series/influx/testing.js";
import type { BoxProcess } from "./box-process.js";
import { GrafanaRule } from "./grafana-rule.js";

const LOOK_MS = 200;
const PATIENCE_MS = 4 * 60_000;

export interface PlugOptions {
  readonly box: BoxProcess;
  readonly agent: string;
  readonly influx: TestInflux;
  readonly mail: MailServer;
  readonly hook: HookServer;
}

/** How many ms it took until each said that the gateway is dark, or that it is back. */
export interface Told {
  readonly grafana: number;
  readonly mail: number;
  readonly webhook: number;
}

/** The plug of a gateway of a whole box, and who notices: Grafana's rule as it is provisioned, and the service by its receivers. */
export class Plug {
  readonly #options: PlugOptions;
  readonly #grafana: GrafanaRule;

  constructor(options: PlugOptions) {
    this.#options = options;
    this.#grafana = new GrafanaRule("storeward-gateway-dark", options.influx.url, "storeward");
  }

  /** Resolves once Grafana's rule knows the gateway and alarms of none. */
  async isWell(): Promise<void> {
    await until(async () => {
      const { alarming, well } = await this.#grafana.judge(Date.now());
      return alarming.length === 0 && well.some((labels) => labels.agent === this.#options.agent);
    });
  }

  /** The process is stopped and not ended: as of a gateway without power, nobody is told that its connection is gone. */
  pull(): Promise<Told> {
    this.#signal("SIGSTOP");
    return this.#told("alarming", "ALERT", "alert.opened");
  }

  putBack(): Promise<Told> {
    this.#signal("SIGCONT");
    return this.#told("well", "OVER", "alert.closed");
  }

  #signal(signal: NodeJS.Signals): void {
    const { box, agent } = this.#options;
    const pid = box.note().parts[`agent ${agent}`];
    if (pid === undefined) throw new Error(`no process of ${agent}`);
    process.kill(pid, signal);
  }

  async #told(state: "alarming" | "well", subject: string, type: AlertMessage["type"]): Promise<Told> {
    const begun = Date.now();
    const after = async (what: () => Promise<boolean> | boolean) => {
      await until(what);
      return Date.now() - begun;
    };
    const [grafana, mail, webhook] = await Promise.all([
      after(async () =>
        (await this.#grafana.judge(Date.now()))[state].some((labels) => labels.agent === this.#options.agent),
      ),
      after(() => this.#mailed(subject)),
      after(() => this.#called(type)),
    ]);
    return { grafana, mail, webhook };
  }

  #mailed(begin: string): boolean {
    const { mail, agent } = this.#options;
    return mail.mails.some(({ subject }) => subject.startsWith(`${begin}: Gateway dark: `) && subject.includes(agent));
  }

  #called(type: AlertMessage["type"]): boolean {
    const { hook, agent } = this.#options;
    return hook.calls.some(({ body }) => {
      const message = JSON.parse(body) as AlertMessage;
      const { data } = message;
      return (
        message.type === type && "rule" in data && data.rule === "gateway-dark" && data.evidence.about.agent === agent
      );
    });
  }
}

async function until(what: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await what()); await pause(LOOK_MS))
    if (Date.now() > end) throw new Error("it never came to this");
}
