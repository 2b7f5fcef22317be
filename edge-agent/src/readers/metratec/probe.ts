import type { Probe } from "../probe.js";
import { type LineContext, probeLine } from "../serial/probe.js";
import { Dialogue } from "./dialogue.js";
import { MetratecFramer } from "./framer.js";
import { identityOf, numbersOf, settingOf } from "./setup.js";

const BAUD_RATE = 115_200;

/** Asks a metraTec reader: questions only, also while it takes inventory. */
export const probeMetratec: Probe = (target, context) =>
  probeLine({ baudRate: BAUD_RATE, ...target }, context, talk, async ({ dialogue }) => {
    const identity = await dialogue.command("ATI");
    const { model, firmware } = identityOf(identity);
    const region = settingOf(await dialogue.command("AT+REG?"), "REG");
    const powers = await numbersOf(dialogue, "PWR");
    const cycled = await numbersOf(dialogue, "MUX");
    const fields = await numbersOf(dialogue, "INVS");
    return {
      model,
      firmware,
      serial: settingOf(identity, "SERIAL"),
      region,
      antennas: powers?.map((_, index) => index + 1),
      power: powers === undefined ? undefined : `now ${powers.join(", ")} dBm`,
      features: [
        ...(cycled === undefined ? [] : [`cycles over antennas, now ${cycled.join(", ")}`]),
        ...(fields === undefined ? [] : [`${fields.length} fields in an inventory line`]),
      ],
      notes: [],
    };
  });

function talk({ clock, counters, write }: LineContext) {
  const framer = new MetratecFramer();
  const dialogue = new Dialogue({ clock, counters, write, onUnasked: () => undefined });
  return {
    dialogue,
    receive: (chunk: Uint8Array): void => {
      for (const line of framer.push(chunk)) dialogue.take(line);
    },
    end: (error: unknown): void => dialogue.end(error),
  };
}
