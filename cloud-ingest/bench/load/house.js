import { epcOf, ITEMS_PER_AGENT, SHELVES } from "./rows.js";

/** A ward for each agent: a room with a door and boards. */
export function siteOf(names) {
  const boards = (name) => Array.from({ length: SHELVES }, (_, board) => `${name}-board-${board}`);
  const places = names.flatMap((name) => [
    { id: `${name}-room`, name, type: "room", parent: "house" },
    ...boards(name).map((id) => ({ id, name: id, type: "shelf", parent: `${name}-room` })),
  ]);
  const antenna = (name, number) => ({ reader: `${name}-r`, antenna: number });
  const readPoints = names.flatMap((name) => [
    ...boards(name).map((id, n) => ({ id, role: "shelf", place: id, antennas: [antenna(name, n + 1)] })),
    {
      id: `${name}-door`,
      role: "portal",
      inside: `${name}-room`,
      outside: "corridor",
      antennas: { inside: [antenna(name, SHELVES + 1)], outside: [antenna(name, SHELVES + 2)] },
    },
  ]);
  const antennas = Array.from({ length: SHELVES + 2 }, (_, n) => ({ antenna: n + 1, power: 30 }));
  return {
    site: { id: "house", name: "House", timeZone: "Europe/Berlin", locale: "en", dayStarts: "00:00" },
    places: [
      { id: "house", name: "House", type: "site" },
      { id: "corridor", name: "Corridor", type: "room", parent: "house" },
      ...places,
    ],
    readPoints,
    readers: names.map((name) => ({
      id: `${name}-r`,
      agent: name,
      region: "ETSI",
      driver: "llrp",
      host: "127.0.0.1",
      antennas,
    })),
    agents: names.map((id) => ({ id })),
  };
}

/** The things of every ward, with their tags, as if they had been entered long ago. */
export async function seed(db, agents) {
  const epcs = Array.from({ length: agents }, (_, agent) =>
    Array.from({ length: ITEMS_PER_AGENT }, (_, item) => epcOf(agent, item)),
  ).flat();
  await db.query(
    `WITH thing AS (SELECT gen_random_uuid() AS id, epc FROM unnest($1::text[]) AS e(epc)),
     items AS (
       INSERT INTO item (id, name, kind, name_key, kind_key, words)
       SELECT id, 'Pump ' || epc, 'Pump', 'pump ' || epc, 'pump', ''::tsvector FROM thing
     ), tags AS (INSERT INTO tag (epc, person) SELECT epc, false FROM thing RETURNING number, epc)
     INSERT INTO tag_assignment (id, tag, item, valid_from, bound_by)
     SELECT gen_random_uuid(), t.number, thing.id, '2020-01-01', 'bench' FROM tags t JOIN thing USING (epc)`,
    [epcs],
  );
  await db.query("ANALYZE item; ANALYZE tag; ANALYZE tag_assignment");
}
