import type { Probe } from "../probe.js";
import { probeLine } from "../serial/probe.js";
import { AlienDialogue } from "./dialogue.js";
import { FACTORY, identify } from "./session.js";

const BAUD_RATE = 115_200;
const TELNET_PORT = 23;

/** Asks an Alien reader: `get` only. Its antennas are told as we count them, from 1. */
export const probeAlien: Probe = (target, context) =>
  probeLine(
    { baudRate: BAUD_RATE, port: TELNET_PORT, ...target },
    context,
    (line) => new AlienDialogue(line),
    async (dialogue) => {
      await dialogue.login(context.login ?? FACTORY);
      const { model, firmware } = await identify(dialogue);
      const highest = await dialogue.get("MaxAntenna");
      const status = await dialogue.get("AntennaStatus");
      const level = await dialogue.get("RFLevel");
      const sequence = await dialogue.get("AntennaSequence");
      return {
        model,
        firmware,
        antennas:
          highest === undefined ? undefined : Array.from({ length: Number(highest) + 1 }, (_, port) => port + 1),
        connected: status?.match(/\d+/g)?.map((port) => Number(port) + 1),
        power: level === undefined ? undefined : `now ${Number.parseInt(level, 10) / 10} dBm`,
        features: sequence === undefined ? [] : [`antenna sequence, now ${sequence} by its own count from 0`],
        notes: ["It does not tell its region: it is set at the maker."],
      };
    },
  );
