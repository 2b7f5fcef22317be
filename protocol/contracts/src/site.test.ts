import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import { AgentConfig } from "./agent-config.js";
import { BrokerAccounts, CloudConfig } from "./cloud-config.js";
import { Site } from "./site.js";

const llrp = {
  id: "reader-1",
  agent: "edge-1",
  region: "ETSI",
  driver: "llrp",
  host: "127.0.0.1",
  port: 5084,
  antennas: [{ antenna: 1, power: 30, position: [1, 2, 2.5], facing: [0, 0, -1] }],
};
const metratec = {
  id: "reader-2",
  agent: "edge-1",
  region: "FCC",
  driver: "metratec",
  device: "/dev/ttyUSB0",
  antennas: [{ antenna: 1, power: 20 }],
};
const tsl = {
  ...metratec,
  id: "reader-3",
  driver: "tsl",
  device: "/dev/rfcomm0",
  baudRate: 9600,
  trigger: true,
};
const alien = {
  ...metratec,
  id: "reader-4",
  driver: "alien",
  device: "tcp://10.0.0.4:23",
  insecure: true,
  username: "stores",
  passwordFile: "reader-4.password",
};
const shelf = { id: "board-1", role: "shelf", place: "board", antennas: [{ reader: "reader-2", antenna: 1 }] };
const portal = {
  id: "door-1",
  role: "portal",
  inside: "store",
  outside: "ward",
  position: [1, 2],
  antennas: { inside: [{ reader: "reader-1", antenna: 1 }], outside: [{ reader: "reader-1", antenna: 2 }] },
};
const site = {
  site: { id: "st-mary", name: "St Mary", timeZone: "Europe/Berlin", locale: "de", dayStarts: "06:00" },
  places: [
    {
      id: "ground",
      name: "Ground floor",
      type: "floor",
      outline: [
        [0, 0],
        [9, 0],
        [9, 9],
      ],
      gln: "9521141123454",
      glnExtension: "dock-1",
    },
  ],
  readPoints: [shelf, portal],
  readers: [llrp, metratec, tsl, alien],
  agents: [{ id: "edge-1", name: "Door of store A" }],
  epcFilter: {
    prefixes: ["30", "34F"],
    include: [
      "urn:epc:pat:sgtin-96:*.0614141.*.[1-9]",
      { scheme: "giai-96", companyPrefix: "0614141" },
      { scheme: "grai" },
    ],
    exclude: [{ hex: "3034" }, { hex: "302", bits: 11 }],
  },
};

describe("site.yaml", () => {
  it("accepts places, both kinds of read points and every driver", () => {
    expect([...Value.Errors(Site, site)]).toEqual([]);
  });

  const place = site.places[0];
  const refused: [string, unknown][] = [
    ["no places", { ...site, places: [] }],
    ["a code in capitals", { ...site, site: { ...site.site, id: "St-Mary" } }],
    ["a code that ends with a hyphen", { ...site, agents: [{ id: "edge-" }] }],
    ["a code of 41 characters", { ...site, agents: [{ id: "a".repeat(41) }] }],
    ["a type of place there is not", { ...site, places: [{ ...place, type: "ward" }] }],
    [
      "an outline of two points",
      {
        ...site,
        places: [
          {
            ...place,
            outline: [
              [0, 0],
              [1, 1],
            ],
          },
        ],
      },
    ],
    ["a point in space where the plan is flat", { ...site, places: [{ ...place, position: [0, 0, 0] }] }],
    ["a GLN of 12 digits", { ...site, places: [{ ...place, gln: "952114112345" }] }],
    ["power beyond 36 dBm", { ...site, readers: [{ ...llrp, antennas: [{ antenna: 1, power: 40 }] }] }],
    ["antenna 0", { ...site, readers: [{ ...llrp, antennas: [{ antenna: 0, power: 30 }] }] }],
    ["a region of nowhere", { ...site, readers: [{ ...llrp, region: "EU" }] }],
    ["an LLRP reader on a serial device", { ...site, readers: [{ ...llrp, device: "/dev/ttyUSB0" }] }],
    [
      "a TSL reader with two antennas",
      { ...site, readers: [{ ...tsl, antennas: [tsl.antennas[0], tsl.antennas[0]] }] },
    ],
    ["a speed that no line has", { ...site, readers: [{ ...metratec, baudRate: 7 }] }],
    ["a trigger of a reader that has none", { ...site, readers: [{ ...metratec, trigger: true }] }],
    ["a driver there is not", { ...site, readers: [{ ...llrp, driver: "impinj" }] }],
    ["a shelf with two sides", { ...site, readPoints: [{ ...shelf, antennas: portal.antennas }] }],
    ["a portal with one side", { ...site, readPoints: [{ ...portal, antennas: { inside: portal.antennas.inside } }] }],
    ["an EPC prefix in lower case", { ...site, epcFilter: { prefixes: ["3a"] } }],
    ["a pattern that is no URI", { ...site, epcFilter: { prefixes: [], include: ["sgtin-96"] } }],
    ["a pattern of two kinds", { ...site, epcFilter: { prefixes: [], exclude: [{ scheme: "grai", hex: "33" }] } }],
    ["a company prefix as a number", { ...site, epcFilter: { include: [{ scheme: "grai", companyPrefix: 614141 }] } }],
    ["a business day that starts at 24:00", { ...site, site: { ...site.site, dayStarts: "24:00" } }],
    ["a key it does not know", { ...site, sites: [] }],
  ];
  it.each(refused)("refuses %s", (_, value) => {
    expect(Value.Check(Site, value)).toBe(false);
  });
});

describe("agent.yaml", () => {
  const agent = {
    version: 1,
    agent: "edge-1",
    data: "data",
    cloud: { url: "mqtts://cloud.example:8883", username: "edge-1", passwordFile: "password", ledger: "1".repeat(32) },
    readers: [llrp],
    readPoints: [portal],
  };
  it("gets its defaults, and is accepted with them", () => {
    const full = Value.Default(AgentConfig, structuredClone(agent));
    expect(full).toMatchObject({ journal: { maxBytes: 1024 ** 3 } });
    expect([...Value.Errors(AgentConfig, full)]).toEqual([]);
  });

  it.each([
    ["another protocol than MQTT", { ...agent, cloud: { ...agent.cloud, url: "http://cloud.example" } }],
    ["a password in the file", { ...agent, cloud: { ...agent.cloud, password: "x" } }],
    ["no ledger", { ...agent, cloud: { ...agent.cloud, ledger: "" } }],
    ["version 0", { ...agent, version: 0 }],
    ["a journal too small for a day", { ...agent, journal: { maxBytes: 1000 } }],
  ])("refuses %s", (_, value) => {
    expect(Value.Check(AgentConfig, Value.Default(AgentConfig, structuredClone(value)))).toBe(false);
  });
});

describe("cloud.yaml", () => {
  const cloud = { data: "data", ledger: "1".repeat(32), site: "site.yaml" };
  it("needs three keys, and is accepted with the defaults of the others", () => {
    const full = Value.Default(CloudConfig, structuredClone(cloud));
    expect(full).toMatchObject({
      http: { host: "127.0.0.1", port: 8080 },
      broker: { host: "127.0.0.1", port: 1883, username: "cloud" },
      release: { after: "72h" },
      keep: { days: 400 },
      admin: { username: "admin" },
    });
    expect([...Value.Errors(CloudConfig, full)]).toEqual([]);
  });

  it.each([
    ["port 0", { ...cloud, http: { port: 0 } }],
    ["a release after nothing", { ...cloud, release: { after: "now" } }],
    ["half of TLS", { ...cloud, http: { tls: { certFile: "cert.pem" } } }],
    ["a simulation on another machine", { ...cloud, simulation: { url: "http://192.0.2.1:80" } }],
  ])("refuses %s", (_, value) => {
    expect(Value.Check(CloudConfig, Value.Default(CloudConfig, structuredClone(value)))).toBe(false);
  });

  it("refuses an account whose password is not an argon2id hash", () => {
    const account = { username: "edge-1", role: "agent", passwordHash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA" };
    expect(Value.Check(BrokerAccounts, { accounts: [account] })).toBe(true);
    expect(Value.Check(BrokerAccounts, { accounts: [{ ...account, passwordHash: "secret" }] })).toBe(false);
    expect(Value.Check(BrokerAccounts, { accounts: [{ ...account, role: "root" }] })).toBe(false);
  });
});
