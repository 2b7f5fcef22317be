import type { LlrpParameter } from "@storeward/codecs/llrp";
import type { LlrpContent, LlrpReader, LlrpRoleReading } from "@storeward/contracts";
import type { AntennaRole } from "../driver.js";
import type { ReaderAbilities, Transmitter } from "./capabilities.js";
import type { SearchMode } from "./impinj.js";

/**
 * How tags answer, by role, where the configuration says nothing.
 *
 * Session (C1G2 §6.3.2.2). Portal: S1 persists 0.5 to 5 s whatever the field does, so a tag that stays in the doorway does not
 * drown the one that walks through. Shelf: S2 persists while powered, so with both targets in turn every tag of a full shelf answers
 * once a cycle, and the strong ones do not keep the weak ones from being heard.
 *
 * Population: what the reader begins to guess its slots from. A door sees a trolley at most, a shelf some dozens of things.
 *
 * Search, where the reader knows it (Impinj): both targets in turn. With a single target a tag on a shelf is heard once and then
 * not until its flag falls back, which looks like a tag that is gone.
 */
const DEFAULTS: Readonly<Record<AntennaRole, { session: number; population: number; search: SearchMode }>> = {
  portal: { session: 1, population: 8, search: "dual-target" },
  shelf: { session: 2, population: 64, search: "dual-target" },
};

/** Times and counts tell how long and how often; the channel tells fading from moving. */
const CONTENTS: readonly LlrpContent[] = ["channel", "firstSeen", "lastSeen", "count"];

export interface PlannedAntenna extends Transmitter {
  readonly session: number;
  readonly population: number;
  readonly mode: number | undefined;
  /** Undefined where the reader knows no search modes. */
  readonly search: SearchMode | undefined;
}

/** What one reader is to do: the configuration, the roles of its antennas and its abilities taken together. */
export interface ReadingPlan {
  readonly antennas: readonly PlannedAntenna[];
  /** The AISpec ends after each cycle, so that AISpecEvent tells the rounds. */
  readonly cyclesEnd: boolean;
  /** Every read is reported at once; else once a cycle. */
  readonly everyTag: boolean;
  readonly content: LlrpParameter<"TagReportContentSelector">;
  /** Impinj's strength in 0.01 dBm. */
  readonly fineStrength: boolean;
}

export function planReading(
  { reading = {} }: LlrpReader,
  roles: ReadonlyMap<number, AntennaRole>,
  { transmitters, extended }: ReaderAbilities,
): ReadingPlan {
  const used = new Set(roles.values());
  // A door cannot wait for the end of a cycle.
  const report = reading.report ?? (used.has("portal") ? "tag" : "cycle");
  return {
    antennas: transmitters.map((transmitter) => {
      const role = roles.get(transmitter.antenna) ?? "shelf";
      const { session, population, search, mode }: LlrpRoleReading = { ...DEFAULTS[role], ...reading[role] };
      return {
        ...transmitter,
        session: session ?? DEFAULTS[role].session,
        population: population ?? DEFAULTS[role].population,
        mode,
        search: extended ? search : undefined,
      };
    }),
    // Doors alone run without end: a cycle that ends costs them time.
    cyclesEnd: used.has("shelf") || report === "cycle",
    everyTag: report === "tag",
    content: contentOf(reading.contents ?? CONTENTS),
    fineStrength: extended,
  };
}

/** What is reported of every tag; everything else is left out to save the link. */
function contentOf(contents: readonly LlrpContent[]): LlrpParameter<"TagReportContentSelector"> {
  return {
    EnableROSpecID: false,
    EnableSpecIndex: false,
    EnableInventoryParameterSpecID: false,
    EnableAntennaID: true,
    EnableChannelIndex: contents.includes("channel"),
    EnablePeakRSSI: true,
    EnableFirstSeenTimestamp: contents.includes("firstSeen"),
    EnableLastSeenTimestamp: contents.includes("lastSeen"),
    EnableTagSeenCount: contents.includes("count"),
    EnableAccessSpecID: false,
    EnableCryptoResponse: false,
    ...(contents.includes("pc")
      ? { C1G2EPCMemorySelector: [{ EnableCRC: false, EnablePCBits: true, EnableXPCBits: false }] }
      : {}),
  };
}
