import type { Probe } from "../probe.js";
import { probeLine } from "../serial/probe.js";
import { fieldOf } from "./blocks.js";
import { TslDialogue } from "./dialogue.js";
import { batteryOf, identityOf } from "./session.js";

const BAUD_RATE = 115_200;

/** Asks a TSL reader: version, battery, and the parameters of an inventory, which `-n -p` lists without reading. */
export const probeTsl: Probe = (target, context) =>
  probeLine(
    { baudRate: BAUD_RATE, ...target },
    context,
    (line) => new TslDialogue({ ...line, onUnasked: () => undefined }),
    async (dialogue) => {
      const version = await dialogue.command(".vr");
      const battery = batteryOf(await dialogue.command(".bl").catch(() => undefined));
      const parameters = await dialogue.command(".iv -n -p").catch(() => undefined);
      const power = /-o (\d{1,2})\b/.exec(parameters === undefined ? "" : (fieldOf(parameters, "PR") ?? ""))?.[1];
      const protocol = fieldOf(version, "PV");
      return {
        ...identityOf(version),
        serial: fieldOf(version, "US"),
        antennas: [1],
        power: power === undefined ? undefined : `now ${power} dBm`,
        features: [
          "trigger",
          ...(battery === undefined ? [] : [`battery, now ${battery} %`]),
          ...(protocol === undefined ? [] : [`ASCII protocol ${protocol}`]),
        ],
        notes: [
          "It does not tell its region: its serial number names the model, and each model is made for one region.",
        ],
      };
    },
  );
