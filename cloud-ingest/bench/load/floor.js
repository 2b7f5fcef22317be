import { once } from "node:events";
import { createServer } from "node:net";
import { Aedes } from "aedes";
import { arrayOf } from "../../dist/database/arrays.js";
import { PooledDatabase } from "../../dist/database/pool.js";
import { MqttClient, publishPacket } from "./mqtt-client.js";
import { Ward } from "./rows.js";

/*
 * What the parts can do at most, with nothing of ours between: the same rows by bare inserts into a plain table, and the same messages by bare
 * publish and subscribe. In a process of its own, told by messages like `agents.js`.
 */

const ROWS_AT_ONCE = 1_000;
/** Messages that were published and not heard yet: Mosquitto drops what is above 1,000 for a subscriber, acknowledged or not. */
const WINDOW = 128;
const TYPES = /** @type {const} */ (["text", "text", "int8", "text", "timestamptz", "float8", "jsonb"]);

const deeds = {
  /**
   * Rows a second into a table with the journal's columns and a primary key, two connections. `binary`: with the columns as we send them, and not
   * as the client writes arrays by itself.
   */
  async insert({ connection, rows, binary }) {
    const db = new PooledDatabase(connection, { max: 2, applicationName: "floor" });
    await db.query(`CREATE TABLE floor (agent text, epoch text, seq int8, type text, observed_at timestamptz, mono_offset float8,
      body jsonb, PRIMARY KEY (agent, epoch, seq))`);
    const ward = new Ward(1);
    const at = { boot: "0".repeat(32), mono: 1_000_000, wall: new Date().toISOString() };
    const bodies = Array.from({ length: ROWS_AT_ONCE }, () => ward.next(at));
    const arrays = TYPES.map((type, index) => `$${index + 1}::${type}[]`).join(", ");
    const now = new Date();
    let next = 0;
    const work = async () => {
      for (let first = next; first < rows; first = next) {
        next += ROWS_AT_ONCE;
        const columns = [
          (index) => `bench-${(first + index) % 1_000}`,
          () => "0".repeat(32),
          (index) => first + index,
          () => "seen",
          () => now,
          () => 1_700_000_000_000,
          (index) => bodies[index],
        ].map((of) => bodies.map((_, index) => of(index)));
        const values = binary ? columns.map((column, n) => arrayOf(TYPES[n], column, (value) => value)) : columns;
        await db.query(`INSERT INTO floor SELECT * FROM unnest(${arrays})`, values);
      }
    };
    const start = performance.now();
    await Promise.all([work(), work()]);
    const seconds = (performance.now() - start) / 1_000;
    await db.query("DROP TABLE floor");
    await db.close();
    return Math.round(next / seconds);
  },

  /** Rows a second from publishers to a subscriber, within a window, in messages of `size` rows. `port`: of a broker, else aedes here. */
  async publish({ port, rows, size }) {
    const server = port === undefined ? await bareAedes() : undefined;
    const at = { port: port ?? server.port, topic: undefined };
    const ward = new Ward(1);
    const instant = { boot: "0".repeat(32), mono: 1_000_000, wall: new Date().toISOString() };
    const payload = Buffer.from(Array.from({ length: size }, () => ward.next(instant)).join("\n"));
    const messages = Math.ceil(rows / size);
    const subscriber = new MqttClient();
    await subscriber.connect({ ...at, clientId: "floor-subscriber", topic: "floor/+" });
    const publishers = Array.from({ length: 8 }, () => new MqttClient());
    for (const [n, publisher] of publishers.entries())
      await publisher.connect({ ...at, clientId: `floor-publisher-${n}` });
    const packets = publishers.map((_, n) => publishPacket(`floor/${n}`, payload));
    let heard = 0;
    let sent = 0;
    const start = performance.now();
    await new Promise((resolve) => {
      const send = () => {
        for (; sent < messages && sent - heard < WINDOW; sent++)
          publishers[sent % publishers.length].publish(packets[sent % publishers.length]);
      };
      subscriber.onMessage = () => {
        if (++heard === messages) resolve(undefined);
        else send();
      };
      send();
    });
    const seconds = (performance.now() - start) / 1_000;
    for (const client of [subscriber, ...publishers]) client.end();
    server?.close();
    return Math.round((messages * size) / seconds);
  },
};

async function bareAedes() {
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { port, close: () => server.close() };
}

process.on("message", ({ id, ...order }) => {
  deeds[order.do](order).then(
    (answer) => process.send({ id, answer }),
    (error) => process.send({ id, error: error.stack }),
  );
});
