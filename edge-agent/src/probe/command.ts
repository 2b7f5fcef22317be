import { createLogger, defineCommand, readSecret, systemClock, usageError } from "@storeward/runtime";
import { PROBES } from "../readers/index.js";
import { probeReader } from "./probe-reader.js";
import { candidates, parseTarget } from "./target.js";
import { reportText } from "./text.js";

const DEFAULT_SECONDS = 15;
/** Who asks where no `--username` is given; a broker has no account that they all have. */
const USERNAMES: Readonly<Record<string, string>> = { "impinj-iot": "root", "zebra-iot": "" };

export const probeCommand = defineCommand({
  description: `Says what a reader is and can do, and changes none of its settings.

TARGET is a host (LLRP at 5084, else Alien at 23), host:port (LLRP over TLS at 5085), a serial device such as /dev/ttyUSB0
or COM3, tcp://host:port of a serial server, https://host of a reader with Impinj's IoT Device Interface, or mqtts://broker/SERIAL
(mqtts://broker/TENANT/SERIAL) of one with Zebra's IoT Connector, by the broker that it publishes to. A reader on a serial line, over
LLRP or Alien's has one client at a time: stop the agent that reads with it first.`,
  usage: "TARGET [--driver NAME]",
  positionals: ["TARGET"],
  options: {
    driver: { type: "string", placeholder: "NAME", description: `only this one: ${PROBES.join(", ")}` },
    "baud-rate": { type: "string", placeholder: "N", description: "of a serial port; default: the protocol's" },
    username: { type: "string", placeholder: "NAME", description: "for a reader that asks for one" },
    "password-file": { type: "string", placeholder: "FILE", description: "file that holds the password" },
    tls: { type: "boolean", description: "LLRP over TLS, also at another port than 5085" },
    "ca-file": { type: "string", placeholder: "FILE", description: "PEM of who signed the reader's certificate" },
    "server-name": { type: "string", placeholder: "NAME", description: "in its certificate, where it is not the host" },
    insecure: { type: "boolean", description: "also beyond this machine, where others can read along" },
    timeout: { type: "string", placeholder: "SECONDS", default: String(DEFAULT_SECONDS), description: "for all of it" },
  },
  run: async ({ values, positionals: [name = ""] }) => {
    const target = {
      ...parseTarget(name),
      ...(values.tls ? { tls: true } : {}),
      ...(values["ca-file"] === undefined ? {} : { caFile: values["ca-file"] }),
      ...(values["server-name"] === undefined ? {} : { serverName: values["server-name"] }),
    };
    const file = values["password-file"];
    const { username = USERNAMES[candidates(target)[0] ?? ""] ?? "alien" } = values;
    if (file !== undefined && username === "") throw usageError("--password-file of a broker needs --username");
    const baudRate = values["baud-rate"] === undefined ? undefined : wholeNumber("--baud-rate", values["baud-rate"]);
    const found = await probeReader({
      target: { ...target, ...(baudRate === undefined ? {} : { baudRate }) },
      name,
      driver: values.driver,
      insecure: values.insecure,
      login: file === undefined ? undefined : { username, password: readSecret(file).value },
      limitMs: wholeNumber("--timeout", values.timeout) * 1000,
      clock: systemClock,
      log: createLogger("storeward-edge", { level: "silent" }),
    });
    process.stdout.write(reportText(found));
  },
});

function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw usageError(`${option} takes a whole number above 0, not '${text}'`);
}
