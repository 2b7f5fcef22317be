import { ChaosSchedule } from "@storeward/contracts";
import { createLogger, defineCommand, loadConfig, runProcess, systemClock, usageError } from "@storeward/runtime";
import { ChaosProxy } from "./chaos-proxy.js";
import { parseToxic } from "./toxics.js";

/** `storeward-sim proxy` */
export const proxyCommand = defineCommand({
  description:
    "A TCP proxy on 127.0.0.1 that delays, chokes, slices, swallows, resets and refuses, always or by a schedule",
  usage: "--listen PORT --to HOST:PORT [--toxic TOXIC]... [--schedule FILE]",
  options: {
    listen: { type: "string", placeholder: "PORT", description: "port on 127.0.0.1; 0: any that is free" },
    to: { type: "string", placeholder: "HOST:PORT", description: "the server behind it" },
    toxic: {
      type: "string",
      multiple: true,
      placeholder: "TOXIC",
      default: [],
      description:
        "always on: latency:ms=200,jitterMs=50 bandwidth:bytesPerSecond=1000 slicer:bytes=7,pauseMs=5 black-hole reset down; direction=to-server or to-client",
    },
    schedule: { type: "string", placeholder: "FILE", description: "YAML: what happens when, see docs/torture.md" },
  },
  run: async ({ values }) => {
    const { listen, to, toxic, schedule } = values;
    if (listen === undefined || to === undefined) throw usageError("--listen and --to are needed");
    const log = createLogger("storeward-sim");
    const proxy = new ChaosProxy({
      listen: portOf("--listen", listen, 0),
      to: addressOf(to),
      schedule: schedule === undefined ? undefined : loadConfig(ChaosSchedule, schedule),
      clock: systemClock,
      log,
    });
    const toxics = toxic.map(parseToxic);
    await runProcess({
      name: "storeward-sim proxy",
      log,
      build: async () => ({
        name: proxy.name,
        start: async () => {
          await proxy.start();
          proxy.set(toxics);
          log.info(`127.0.0.1:${proxy.port} leads to ${to}`);
        },
        stop: async () => {
          await proxy.stop();
          log.info({ counters: proxy.counters }, "what has passed");
        },
      }),
    });
  },
});

function addressOf(text: string): { host: string; port: number } {
  const [, host, port] = /^\[?([^\s[\]]+?)\]?:(\d+)$/.exec(text) ?? [];
  if (host === undefined || port === undefined) throw usageError(`--to takes HOST:PORT, not '${text}'`);
  return { host, port: portOf("--to", port, 1) };
}

function portOf(option: string, text: string, low: number): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port >= low && port <= 65_535) return port;
  throw usageError(`${option} takes a port from ${low} to 65535, not '${text}'`);
}
