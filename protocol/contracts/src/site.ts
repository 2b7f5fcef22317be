import { type Static, Type } from "typebox";
import { Code } from "./identity.js";
import { llrpReaderKeys } from "./llrp-reader.js";
import { AntennaNumber, closed } from "./shapes.js";

/* `site.yaml`: one description of a site, from which every configuration is written. Metres; x to the east, y to the north, z up. */

const Metres = Type.Number({ minimum: -10_000, maximum: 10_000 });
const Point = Type.Array(Metres, { minItems: 2, maxItems: 2, description: "[x, y] in metres" });
const Name = Type.String({ minLength: 1, maxLength: 120 });

export const PLACE_TYPES = ["site", "building", "floor", "department", "room", "shelf", "bin"] as const;
export const PlaceType = Type.Enum([...PLACE_TYPES], {
  description: "site, building, floor, department, room, shelf or bin",
});
export type PlaceType = Static<typeof PlaceType>;

/** A node of the tree of locations. */
export const Place = closed({
  id: Code,
  name: Name,
  type: PlaceType,
  parent: Type.Optional(Code),
  outline: Type.Optional(Type.Array(Point, { minItems: 3, maxItems: 100 })),
  position: Type.Optional(Point),
  /** Places one can walk to from here without passing a read point. Symmetric: naming it on one side is enough. */
  neighbours: Type.Optional(Type.Array(Code, { maxItems: 100 })),
  gln: Type.Optional(Type.String({ pattern: "^[0-9]{13}$" })),
  glnExtension: Type.Optional(Type.String({ minLength: 1, maxLength: 20 })),
});
export type Place = Static<typeof Place>;

export const AntennaRef = closed({ reader: Code, antenna: AntennaNumber });
export type AntennaRef = Static<typeof AntennaRef>;

const Persons = Type.Optional(
  Type.Boolean({ description: "whether badges and wristbands (GSRN, GSRNP) read here may be stored" }),
);

/** How a test tag is read that lies where a shelf read point's things lie, as a site walk has shown. */
export const Walked = closed({
  rssi: Type.Number({ minimum: -100, maximum: 0, description: "mean at the antenna that reads it best, dBm" }),
  rate: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1, description: "share of all rounds in which it is read; 0.65 where absent" }),
  ),
});
/** Tags seen here are in `place`. */
export const ShelfReadPoint = closed({
  id: Code,
  role: Type.Literal("shelf"),
  place: Code,
  antennas: Type.Array(AntennaRef, { minItems: 1, maxItems: 16 }),
  walked: Type.Optional(Walked),
  persons: Persons,
});
/** Tags cross here between `inside` and `outside`. */
export const PortalReadPoint = closed({
  id: Code,
  role: Type.Literal("portal"),
  inside: Code,
  outside: Code,
  position: Type.Optional(Point),
  antennas: closed({
    inside: Type.Array(AntennaRef, { minItems: 1, maxItems: 8 }),
    outside: Type.Array(AntennaRef, { minItems: 1, maxItems: 8 }),
  }),
  persons: Persons,
});
export const ReadPoint = Type.Union([ShelfReadPoint, PortalReadPoint]);
export type ReadPoint = Static<typeof ReadPoint>;
export type ShelfReadPoint = Static<typeof ShelfReadPoint>;
export type PortalReadPoint = Static<typeof PortalReadPoint>;

/** One antenna port of a reader, with where it hangs. */
export const Antenna = closed({
  antenna: AntennaNumber,
  power: Type.Number({ minimum: 0, maximum: 36, description: "transmit power, dBm" }),
  position: Type.Optional(Type.Array(Metres, { minItems: 3, maxItems: 3, description: "[x, y, z] in metres" })),
  /** Unit-free direction of the main lobe. */
  facing: Type.Optional(Type.Array(Type.Number({ minimum: -1, maximum: 1 }), { minItems: 3, maxItems: 3 })),
});
export type Antenna = Static<typeof Antenna>;

export const Region = Type.Enum(["ETSI", "FCC"], {
  description: "the radio rules: ETSI (865 to 868 MHz) or FCC (902 to 928 MHz)",
});

const ReaderBase = {
  id: Code,
  agent: Code,
  region: Region,
  antennas: Type.Array(Antenna, { minItems: 1, maxItems: 32 }),
};
export const LlrpReader = closed({ ...ReaderBase, ...llrpReaderKeys });
/** What every reader on a serial line has; `baudRate` counts only on a real port, a serial server has its own. */
const SerialLine = {
  device: Type.String({ minLength: 1, maxLength: 253, description: "/dev/ttyUSB0, COM3, or tcp://host:port" }),
  baudRate: Type.Optional(Type.Integer({ minimum: 1200, maximum: 4_000_000, description: "115200 where absent" })),
  insecure: Type.Optional(Type.Boolean({ description: "allow a plain line to a host that is not this one" })),
};
export const MetratecReader = closed({ ...ReaderBase, driver: Type.Literal("metratec"), ...SerialLine });
export const TslReader = closed({
  ...ReaderBase,
  driver: Type.Literal("tsl"),
  ...SerialLine,
  /** A TSL reader has one antenna. */
  antennas: Type.Array(Antenna, { minItems: 1, maxItems: 1 }),
  trigger: Type.Optional(Type.Boolean({ description: "read only while a person pulls the trigger" })),
});

const SecretFile = (whose: string) =>
  Type.Optional(Type.String({ minLength: 1, description: `file on the device with ${whose} password, mode 0600` }));
const CaFile = (whose: string) =>
  Type.Optional(
    Type.String({ minLength: 1, description: `file on the device: PEM of who signed ${whose} certificate` }),
  );
const Username = Type.String({ minLength: 1, maxLength: 120 });

export const AlienReader = closed({
  ...ReaderBase,
  driver: Type.Literal("alien"),
  ...SerialLine,
  username: Type.Optional(Username),
  /** Without one, the name and password with which readers leave their maker. */
  passwordFile: SecretFile("the reader's"),
});

/** An Impinj reader with the IoT Device Interface (R700, R720): a REST API and a stream over HTTP. */
export const ImpinjIotReader = closed({
  ...ReaderBase,
  driver: Type.Literal("impinj-iot"),
  url: Type.String({ pattern: "^https?://[^\\s/?#]+/?$", maxLength: 253, description: "https://host of the reader" }),
  username: Type.Optional(Username),
  passwordFile: SecretFile("the reader's"),
  caFile: CaFile("the reader's"),
  /** Readers come with a certificate of their own name, which is rarely the address they are reached at. */
  certificateName: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 253,
      description: "name in the reader's certificate; the url's host where absent",
    }),
  ),
  rfMode: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 65535, description: "one of the modes that the reader lists" }),
  ),
  insecure: Type.Optional(Type.Boolean({ description: "allow plain HTTP to a host that is not this one" })),
});

const TopicPart = { pattern: "^[^\\s+#/]{1,80}$" };
const Topic = Type.Optional(Type.String({ pattern: "^[^\\s+#]{1,250}$" }));

/** A Zebra reader with the IoT Connector (FX7500, FX9600, FXR90, ATR7000), which publishes to an MQTT broker. */
export const ZebraIotReader = closed({
  ...ReaderBase,
  driver: Type.Literal("zebra-iot"),
  url: Type.String({
    pattern: "^mqtts?://[^\\s/?#]+/?$",
    maxLength: 253,
    description: "mqtts://host:port of the broker that the reader publishes to",
  }),
  tenant: Type.Optional(
    Type.String({ ...TopicPart, description: "first part of the reader's topics; storeward where absent" }),
  ),
  serial: Type.String({ ...TopicPart, description: "last part of the reader's topics: its serial number" }),
  /** Where the reader's endpoints are set to other topics than `zebraTopics` makes. */
  topics: Type.Optional(
    closed({
      data: Topic,
      events: Topic,
      managementCommand: Topic,
      managementResponse: Topic,
      controlCommand: Topic,
      controlResponse: Topic,
    }),
  ),
  username: Type.Optional(Username),
  passwordFile: SecretFile("the broker's"),
  caFile: CaFile("the broker's"),
  insecure: Type.Optional(Type.Boolean({ description: "allow plain MQTT to a host that is not this one" })),
});

export const Reader = Type.Union([LlrpReader, MetratecReader, TslReader, AlienReader, ImpinjIotReader, ZebraIotReader]);
export type Reader = Static<typeof Reader>;
export type LlrpReader = Static<typeof LlrpReader>;
export type MetratecReader = Static<typeof MetratecReader>;
export type TslReader = Static<typeof TslReader>;
export type AlienReader = Static<typeof AlienReader>;
export type ImpinjIotReader = Static<typeof ImpinjIotReader>;
export type ZebraIotReader = Static<typeof ZebraIotReader>;

const EpcPattern = Type.Union(
  [
    Type.String({ pattern: "^urn:epc:pat:[^:\\s]+:\\S+$", maxLength: 300 }),
    closed({
      scheme: Type.String({ minLength: 3, maxLength: 20, description: "sgtin-96, …, or sgtin, … for all its schemes" }),
      companyPrefix: Type.Optional(Type.String({ pattern: "^[0-9]{6,12}$", description: "GS1 company prefix" })),
    }),
    closed({
      hex: Type.String({ pattern: "^[0-9A-F]{1,124}$", description: "what the EPC begins with" }),
      bits: Type.Optional(Type.Integer({ minimum: 1, maximum: 496, description: "how many bits of it count; all" })),
    }),
  ],
  {
    description:
      "a tag pattern URI (urn:epc:pat:sgtin-96:*.0614141.*.[100-199]), or { scheme, companyPrefix }, or { hex, bits }",
  },
);
const EpcPatterns = Type.Optional(Type.Array(EpcPattern, { maxItems: 200 }));

/** Which EPCs are kept: those of `include` and `prefixes`, or all where both are empty, without those of `exclude`. */
export const EpcFilter = closed({
  /** Upper-case hex an EPC must start with. The same as `include: [{ hex }]`. */
  prefixes: Type.Array(Type.String({ pattern: "^[0-9A-F]{1,64}$" }), { maxItems: 200, default: [] }),
  include: EpcPatterns,
  exclude: EpcPatterns,
});
export type EpcFilter = Static<typeof EpcFilter>;

export const Site = closed({
  site: closed({
    id: Code,
    name: Name,
    timeZone: Type.String({ minLength: 1, maxLength: 60, description: "IANA name, such as Europe/Berlin" }),
    locale: Type.String({ minLength: 2, maxLength: 20, default: "en" }),
    dayStarts: Type.String({ pattern: "^(?:[01][0-9]|2[0-3]):[0-5][0-9]$", default: "00:00" }),
  }),
  places: Type.Array(Place, { minItems: 1, maxItems: 20_000 }),
  readPoints: Type.Array(ReadPoint, { maxItems: 5_000 }),
  readers: Type.Array(Reader, { maxItems: 2_000 }),
  agents: Type.Array(closed({ id: Code, name: Type.Optional(Name) }), { maxItems: 1_000 }),
  epcFilter: Type.Optional(EpcFilter),
});
export type Site = Static<typeof Site>;
