import { type Static, type TProperties, Type } from "typebox";
import { Chain, Code, EpcHex, RandomId, Timestamp, Uuid } from "./identity.js";
import { AntennaNumber, closed, Probability, RowSeq } from "./shapes.js";

/*
 * What an agent observes, as it stands in a row's body (journals.md, "What is observed").
 *
 * Times inside an observation (`first`, `from`, `to`, `last`, `since`, `decided`) are `mono` milliseconds of the row's boot, so that
 * a clock learnt later dates them all. They may be negative: a reader holds reports from before the agent started.
 */

const Mono = Type.Number({ description: "milliseconds of the boot's monotonic clock" });
const Rssi = Type.Number({ minimum: -130, maximum: 30, description: "dBm" });
const Count = Type.Integer({ minimum: 0, maximum: 1e9 });
const Text = Type.String({ maxLength: 500 });

/** When something was journaled: `boot` names the clock that `mono` belongs to; `wall` is what the device believed. */
export const Instant = closed({ boot: RandomId, mono: Mono, wall: Timestamp });
export type Instant = Static<typeof Instant>;

/**
 * Where a row stood first, when it stands here as a copy: after a fork and after a salvage a journal carries its rows into a new epoch.
 * It is what the cloud knows a row by that it already has. `chain` is the chain at `seq` of `epoch`.
 */
export const Origin = closed({
  epoch: RandomId,
  seq: RowSeq,
  chain: Chain,
});
export type Origin = Static<typeof Origin>;

export const Tag = closed({
  epc: EpcHex,
  pc: Type.Optional(Type.String({ pattern: "^[0-9A-F]{4}$" })),
  xpc: Type.Optional(Type.String({ pattern: "^[0-9A-F]{4}(?:[0-9A-F]{4})?$" })),
  tid: Type.Optional(Type.String({ pattern: "^(?:[0-9A-F]{2}){4,64}$" })),
});
export type Tag = Static<typeof Tag>;

/** The evidence: `rounds` chances to be read, `reads` taken, by antenna. */
export const Strength = closed({
  rounds: Count,
  reads: Count,
  antennas: Type.Array(
    closed({
      antenna: AntennaNumber,
      reads: Count,
      rssiMax: Rssi,
      rssiMean: Rssi,
    }),
    { maxItems: 64 },
  ),
});
export type Strength = Static<typeof Strength>;

const Side = closed({ reads: Count, first: Mono, last: Mono, rssiMax: Rssi });

export const Direction = Type.Enum(["in", "out", "unknown"]);
export type Direction = Static<typeof Direction>;

export const CoverageState = Type.Enum(["watching", "blind", "doubtful"]);
export type CoverageState = Static<typeof CoverageState>;

const bodies = {
  arrived: { tag: Tag, readPoint: Code, first: Mono, strength: Strength },
  seen: { tag: Tag, readPoint: Code, from: Mono, to: Mono, strength: Strength },
  departed: { tag: Tag, readPoint: Code, last: Mono, decided: Mono, expectedRate: Probability },
  passed: {
    pass: RandomId,
    tag: Tag,
    readPoint: Code,
    direction: Direction,
    p: Probability,
    sides: closed({ inside: Type.Optional(Side), outside: Type.Optional(Side) }),
  },
  inventoried: {
    inventory: RandomId,
    part: Type.Integer({ minimum: 1 }),
    parts: Type.Integer({ minimum: 1 }),
    readPoint: Code,
    from: Mono,
    to: Mono,
    rounds: Count,
    completeness: Probability,
    reason: Text,
    tags: Type.Array(closed({ tag: Tag, strength: Strength }), { maxItems: 500 }),
  },
  coverage: {
    readPoint: Code,
    state: CoverageState,
    since: Mono,
    why: Text,
    antennas: Type.Array(AntennaNumber, { maxItems: 64 }),
    power: Type.Optional(Type.Array(Type.Number({ description: "dBm" }), { maxItems: 64 })),
  },
  clock: { utc: Timestamp, plusMinusMs: Type.Number({ minimum: 0 }), source: Text },
  configured: { version: Type.Integer({ minimum: 0 }), hash: Type.String({ maxLength: 128 }) },
  input: { reader: Code, port: Type.Integer({ minimum: 0 }), high: Type.Boolean() },
  gap: { why: Text, from: Mono, to: Mono, count: Type.Optional(Count), readPoint: Type.Optional(Code) },
  measured: { sensor: Code, quantity: Text, value: Type.Number(), unit: Text },
} as const;

/** What every row's body starts with. */
const head = { at: Instant, config: Type.Integer({ minimum: 0, description: "version of the agent's configuration" }) };
/** What a copy's body ends with. */
const tail = { origin: Type.Optional(Origin) };

const observation = <T extends string, P extends TProperties>(type: T, body: P) =>
  closed({ type: Type.Literal(type), ...head, ...body, ...tail });

export const Arrived = observation("arrived", bodies.arrived);
export const Seen = observation("seen", bodies.seen);
export const Departed = observation("departed", bodies.departed);
export const Passed = observation("passed", bodies.passed);
export const Inventoried = observation("inventoried", bodies.inventoried);
export const Coverage = observation("coverage", bodies.coverage);
export const ClockSet = observation("clock", bodies.clock);
export const Configured = observation("configured", bodies.configured);
export const Input = observation("input", bodies.input);
export const Gap = observation("gap", bodies.gap);
export const Measured = observation("measured", bodies.measured);

/** A row's body: one observation with its instant and the version of the configuration it was made under. */
export const Observation = Type.Union([
  Arrived,
  Seen,
  Departed,
  Passed,
  Inventoried,
  Coverage,
  ClockSet,
  Configured,
  Input,
  Gap,
  Measured,
]);
export type Observation = Static<typeof Observation>;
export type ObservationType = Observation["type"];
export type ObservationOf<T extends ObservationType> = Extract<Observation, { type: T }>;

/** Distributes over the union, so that a draft keeps its discriminant. */
type WithoutHead<O> = O extends Observation ? Omit<O, "at" | "config" | "origin"> : never;
/** An observation as a filter makes it: the journal adds the instant and the configuration version. */
export type ObservationDraft = WithoutHead<Observation>;
export const OBSERVATION_TYPES = [
  "arrived",
  "seen",
  "departed",
  "passed",
  "inventoried",
  "coverage",
  "clock",
  "configured",
  "input",
  "gap",
  "measured",
] as const satisfies readonly ObservationType[];
/** How a `clock` observation names the clock of a reader. It says what the reader believes, and dates nothing but the reader's own times. */
export const READER_CLOCK = "reader ";

/** The schema of each type by its name: a validator that knows the type gives the better error. */
export const OBSERVATION_SCHEMAS = {
  arrived: Arrived,
  seen: Seen,
  departed: Departed,
  passed: Passed,
  inventoried: Inventoried,
  coverage: Coverage,
  clock: ClockSet,
  configured: Configured,
  input: Input,
  gap: Gap,
  measured: Measured,
} as const;

/** Who has a device in the hand, by what the device says: what it sends was sent by whoever is signed in. */
export const Context = closed({
  actor: Type.String({ minLength: 1, maxLength: 100 }),
  place: Type.Optional(Code),
  task: Type.Optional(Type.String({ maxLength: 100 })),
});
export type Context = Static<typeof Context>;

export const TagActKind = Type.Enum(["bind", "replace", "retire"]);
export type TagActKind = Static<typeof TagActKind>;

/** A tag was bound to an item, put there in place of another, or retired, when this was journaled. No gateway acts: from a source only. */
export const Acted = observation("acted", { act: TagActKind, tag: Tag, item: Uuid, context: Type.Optional(Context) });
export type Acted = Static<typeof Acted>;

/** What a source may journal: a phone, or a client of the API. */
export const SOURCE_SCHEMAS = { acted: Acted, clock: ClockSet, gap: Gap } as const;
