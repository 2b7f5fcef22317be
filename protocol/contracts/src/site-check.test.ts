import { describe, expect, it } from "vitest";
import type { Site } from "./site.js";
import { checkSite } from "./site-check.js";

const sound = (): Site => ({
  site: { id: "mercy", name: "Mercy", timeZone: "Europe/Berlin", locale: "en", dayStarts: "00:00" },
  places: [
    { id: "mercy", name: "Mercy", type: "site" },
    { id: "floor-1", name: "First floor", type: "floor", parent: "mercy" },
    { id: "corridor", name: "Corridor", type: "room", parent: "floor-1", neighbours: ["ward"] },
    { id: "ward", name: "Ward", type: "room", parent: "floor-1" },
    { id: "store", name: "Store", type: "room", parent: "floor-1" },
    { id: "shelf-a", name: "Shelf A", type: "shelf", parent: "store" },
  ],
  readPoints: [
    {
      id: "store-door",
      role: "portal",
      inside: "store",
      outside: "corridor",
      antennas: { inside: [{ reader: "door", antenna: 1 }], outside: [{ reader: "door", antenna: 2 }] },
    },
    { id: "shelf-a", role: "shelf", place: "shelf-a", antennas: [{ reader: "shelves", antenna: 1 }] },
  ],
  readers: [
    {
      id: "door",
      agent: "north",
      driver: "llrp",
      host: "10.0.0.5",
      region: "ETSI",
      antennas: [
        { antenna: 1, power: 30 },
        { antenna: 2, power: 30 },
      ],
    },
    {
      id: "shelves",
      agent: "north",
      driver: "metratec",
      device: "/dev/ttyUSB0",
      region: "ETSI",
      antennas: [{ antenna: 1, power: 20 }],
    },
  ],
  agents: [{ id: "north" }, { id: "south" }],
});

/** What is said of the sound site after one change. */
const after = (change: (site: Site) => void) => {
  const site = sound();
  change(site);
  return checkSite(site).map(({ path, message }) => `${path}: ${message}`);
};

describe("checkSite", () => {
  it("has nothing to say of a sound site", () => {
    expect(checkSite(sound())).toEqual([]);
  });

  it("names every problem at once, each with its place in the file", () => {
    expect(
      after((site) => {
        site.places[2]!.parent = "floor-9";
        site.readPoints[1] = {
          ...site.readPoints[1]!,
          role: "shelf",
          place: "nowhere",
          antennas: [{ reader: "door", antenna: 7 }],
        };
        site.readers[0]!.agent = "west";
        site.site.timeZone = "Mars/Olympus";
      }),
    ).toEqual([
      "site.timeZone: Mars/Olympus is no time zone; it must be an IANA name such as Europe/Berlin",
      "places[2].parent: floor-9 is no place of this site",
      "readPoints[1].place: nowhere is no place of this site",
      "readPoints[1].antennas[0].antenna: door has no antenna 7",
      "readers[0].agent: west is no agent of this site",
    ]);
  });

  it("finds places that are inside themselves, and only those", () => {
    expect(
      after((site) => {
        site.places[1]!.parent = "ward";
        site.places[0]!.type = "building";
      }),
    ).toEqual([
      "places[1].parent: floor-1 is inside itself: its parents lead back to it",
      "places[3].parent: ward is inside itself: its parents lead back to it",
    ]);
  });

  it.each<[string, (site: Site) => void, string]>([
    [
      "an id used twice",
      (s) => s.places.push({ ...s.places[3]! }),
      "places[6].id: ward is already the id of places[3]",
    ],
    [
      "a room in a shelf",
      (s) => (s.places[3]!.parent = "shelf-a"),
      "places[3].parent: a room cannot stand in shelf-a, which is a shelf",
    ],
    [
      "a site in something",
      (s) => s.places.push({ id: "x", name: "X", type: "site", parent: "mercy" }),
      "places[6].parent: a site stands in nothing, not in mercy",
    ],
    [
      "an unknown neighbour",
      (s) => (s.places[2]!.neighbours = ["moon"]),
      "places[2].neighbours[0]: moon is no place of this site",
    ],
    [
      "a neighbour of itself",
      (s) => (s.places[2]!.neighbours = ["corridor"]),
      "places[2].neighbours[0]: corridor is named as its own neighbour",
    ],
    [
      "an antenna used twice",
      (s) => (s.readPoints[1]!.antennas = [{ reader: "door", antenna: 2 }]),
      "readPoints[1].antennas[0]: antenna 2 of door is already used by read point store-door",
    ],
    [
      "an antenna listed twice",
      (s) => s.readers[1]!.antennas.push({ antenna: 1, power: 20 }),
      "readers[1].antennas[1].antenna: shelves has antenna 1 twice",
    ],
    [
      "a reader unknown",
      (s) => (s.readPoints[1]!.antennas = [{ reader: "ghost", antenna: 2 }]),
      "readPoints[1].antennas[0].reader: ghost is no reader of this site",
    ],
    [
      "a read point heard by two agents",
      (s) => {
        s.readers[1]!.agent = "south";
        s.readPoints[1]!.antennas = [
          { reader: "shelves", antenna: 1 },
          { reader: "door", antenna: 1 },
        ];
        s.readPoints.shift();
      },
      "readPoints[0]: shelf-a is read by several agents (south, north); one agent must hear all of it",
    ],
    [
      "a reader described twice",
      (s) => s.readers.push({ ...s.readers[0]!, id: "again" }),
      "readers[2].host: 10.0.0.5:5084 is already the reader door",
    ],
    [
      "an LLRP reader that is nowhere",
      (s) => delete (s.readers[0] as { host?: string }).host,
      "readers[0]: an LLRP reader has a host, or calls in by listen",
    ],
    [
      "a caller that nothing tells",
      (s) => {
        delete (s.readers[0] as { host?: string }).host;
        Object.assign(s.readers[0]!, { listen: { port: 5084 } });
      },
      "readers[0].listen: who calls is told by host (the address it calls from) or identity; write at least one",
    ],
    [
      "a caller with a name for an address",
      (s) => Object.assign(s.readers[0]!, { host: "reader.example", listen: { port: 5084 } }),
      "readers[0].host: reader.example is no address; with listen it must be the address that the reader calls from",
    ],
    [
      "a caller over TLS that would see no certificate",
      (s) => Object.assign(s.readers[0]!, { tls: true, listen: { port: 5084 } }),
      "readers[0].tls: a reader that calls in over TLS wants to see a certificate: write certFile and keyFile",
    ],
    [
      "callers on one port that look alike",
      (s) => {
        Object.assign(s.readers[0]!, { listen: { port: 5084 } });
        s.readers.push({ ...s.readers[0]!, id: "again", identity: "AB" } as (typeof s.readers)[0]);
      },
      "readers[2].listen: again cannot be told from door: give both an identity, or both a host",
    ],
    [
      "callers on one port that want it otherwise",
      (s) => {
        Object.assign(s.readers[0]!, { listen: { port: 5084 }, identity: "AA" });
        s.readers.push({ ...s.readers[0]!, id: "b", identity: "AB", insecure: true } as (typeof s.readers)[0]);
      },
      "readers[2].listen: b and door call on one port: their address, tls, files and insecure must be the same",
    ],
    [
      "a certificate's authority without TLS",
      (s) => Object.assign(s.readers[0]!, { caFile: "ca.pem" }),
      "readers[0].caFile: has a meaning with tls: true only",
    ],
    [
      "a certificate without its key",
      (s) => Object.assign(s.readers[0]!, { tls: true, certFile: "a.pem" }),
      "readers[0]: certFile and keyFile go together",
    ],
    [
      "an agent named twice",
      (s) => s.agents.push({ id: "north" }),
      "agents[2].id: north is already the id of agents[0]",
    ],
    [
      "a way around a portal",
      (s) => (s.places[3]!.neighbours = ["store"]),
      "readPoints[0]: store-door cannot tell store from corridor: both belong to what is observed as floor-1",
    ],
    ["a day that starts at 25:00", (s) => (s.site.dayStarts = "25:00"), "site.dayStarts: 25:00 is no time of the day"],
  ])("finds %s", (_what, change, problem) => {
    expect(after(change)).toEqual([problem]);
  });

  it("finds a portal with the same place on both sides", () => {
    expect(after((site) => Object.assign(site.readPoints[0]!, { outside: "store" }))).toEqual([
      "readPoints[0].outside: store-door has store on both sides",
    ]);
  });

  it("lets two agents each have a reader at their own loopback address or serial device", () => {
    expect(
      after((site) => {
        site.readers.push(
          { ...site.readers[1]!, id: "other", agent: "south" },
          { ...site.readers[0]!, id: "one", host: "127.0.0.1" } as Site["readers"][number],
          { ...site.readers[0]!, id: "two", host: "127.0.0.1", agent: "south" } as Site["readers"][number],
        );
      }),
    ).toEqual([]);
  });

  it("takes two readers with one address for one, and many that publish to one broker for many", () => {
    const base = { agent: "north", region: "ETSI" as const, antennas: [{ antenna: 1, power: 30 }] };
    const impinj = (id: string, url: string) => ({ ...base, id, driver: "impinj-iot" as const, url });
    const zebra = (id: string, serial: string) => ({
      ...base,
      id,
      driver: "zebra-iot" as const,
      url: "mqtts://broker:8883",
      serial,
    });
    expect(
      after((site) => {
        site.readers.push(
          impinj("i1", "https://10.0.0.9"),
          impinj("i2", "https://10.0.0.9:443/"),
          zebra("z1", "FX1"),
          zebra("z2", "FX2"),
          zebra("z3", "FX1"),
        );
      }),
    ).toEqual([
      "readers[3].url: https://10.0.0.9 is already the reader i1",
      "readers[6].url: mqtts://broker:8883 storeward/FX1 is already the reader z1",
    ]);
  });
});
