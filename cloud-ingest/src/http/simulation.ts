import { type PlaceRef, SimulatedTruth, Truth } from "@storeward/contracts";
import { isStorewardError, validator } from "@storeward/runtime";
import { E } from "./errors.js";
import type { Routes } from "./types.js";

export interface Simulation {
  /** Where the simulated hospital answers. */
  readonly url: string;
  readonly byCode: (code: string) => PlaceRef | undefined;
}

const isTruth = validator(SimulatedTruth);
const LIMIT_MS = 5_000;

/** `GET /simulation/truth`: in the box only. */
export const simulationRoutes =
  ({ url, byCode }: Simulation): Routes =>
  async (app) => {
    const schema = {
      summary: "What is where by the simulator's own books",
      tags: ["service"],
      response: { 200: Truth },
    };
    app.get("/simulation/truth", { schema }, async () => {
      const { at, items } = await ask(`${url}/truth`);
      const idOf = (code: string): string => {
        const place = byCode(code);
        if (place === undefined) throw E.SIMULATION_UNREADABLE({ reason: `${code} is no place of this site` });
        return place.id;
      };
      return {
        at,
        items: items.map(({ epc, place, observablePlace, since }) => ({
          epc,
          place: idOf(place),
          observablePlace: idOf(observablePlace),
          since,
        })),
      };
    });
  };

async function ask(url: string): Promise<SimulatedTruth> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) });
    if (!response.ok) throw E.SIMULATION_UNREADABLE({ reason: `status ${response.status}` });
    const truth = isTruth(await response.json());
    if (!truth.ok) throw E.SIMULATION_UNREADABLE({ reason: truth.errors.join("; ") });
    return truth.value;
  } catch (cause) {
    if (isStorewardError(cause)) throw cause;
    throw E.SIMULATION_UNREACHABLE({}, { cause });
  }
}
