import { createLogger, runCli, runProcess, systemClock } from "@storeward/runtime";
import { Box } from "./box.js";
import { boxConsole } from "./console.js";
import { boxSettings } from "./settings.js";

await runCli({
  name: "storeward-box",
  description: `A hospital in a box: simulated readers, agents, the cloud and its page on this machine.

Environment:
  STOREWARD_PORT            page and API (8080)
  STOREWARD_MQTT_PORT       MQTT broker (1883)
  STOREWARD_DATA            data folder (./data)
  STOREWARD_ADMIN_PASSWORD  password of admin (default: generated into the data folder)

Servers that are there already, used instead of its own:
  STOREWARD_BROKER_URL      MQTT broker that admits whom provisioned/mosquitto in the data folder names
  DATABASE_URL              PostgreSQL 15 or newer
  STOREWARD_INFLUX_URL      InfluxDB 1.x that is given the time series as well
  STOREWARD_CLOUD_URL       a cloud that runs with provisioned/cloud/cloud.yaml
  STOREWARD_BIND            address that the cloud listens on (127.0.0.1)
  STOREWARD_INSECURE=true   allow plain text between machines`,
  usage: "[--fresh] [--seed N] [--pace X]",
  options: {
    fresh: { type: "boolean", default: false, description: "Begin anew: delete what an earlier box has kept" },
    seed: {
      type: "string",
      placeholder: "N",
      description: "Seed of the simulated hospital (default: as before, at first 1); another one needs --fresh",
    },
    pace: { type: "string", default: "1", placeholder: "X", description: "How busy its people are" },
  },
  async run({ values }) {
    const settings = boxSettings(process.env, { ...values, seed: values.seed });
    const print = (line: string) => void process.stdout.write(`${line}\n`);
    print("Starting a hospital in a box");
    // The steps are told by the box itself; the log is for what goes wrong.
    const log = createLogger("box", { level: "warn", pretty: true });
    const build = async () =>
      new Box(
        settings,
        systemClock,
        boxConsole(print, () => new Date()),
      );
    await runProcess({ name: "the hospital", build, log });
  },
});
