/**
 * A broker and an ingest that acknowledges, in one process: checks the chain of every row it is sent, keeps where each epoch
 * stands, and answers every message. Prints its port, and a line of JSON when `rows` are there.
 *
 *     node acknowledging-cloud.js LEDGER ROWS
 */
import { createServer } from "node:net";
import { splitUpward, topicOf } from "@storeward/contracts";
import { GENESIS_CHAIN, nextChain } from "@storeward/runtime";
import { Aedes } from "aedes";

const [ledger, expected] = process.argv.slice(2);
const CREDIT = 2 * 1024 * 1024;
const aedes = await Aedes.createBroker();
const server = createServer(aedes.handle);
server.listen(0, "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(port);
});

const stands = new Map();
const cursorOf = (epoch) => {
  if (!stands.has(epoch)) stands.set(epoch, { committed: 0, chain: GENESIS_CHAIN });
  return stands.get(epoch);
};
let startedAt;

aedes.subscribe(
  "rfid/v1/+/+/batch",
  ({ payload }, done) => {
    receive(payload.toString("utf8"));
    done();
  },
  () => undefined,
);

function receive(text) {
  const { envelope, bodies } = splitUpward(text);
  const message = JSON.parse(envelope);
  const answer = (epoch) => {
    const { committed, chain } = cursorOf(epoch);
    const utc = new Date().toISOString();
    const ack = {
      v: 1,
      kind: "ack",
      ledger,
      session: message.session,
      epoch,
      committed,
      chain,
      released: 0,
      credit: CREDIT,
      utc,
    };
    aedes.publish(
      {
        cmd: "publish",
        topic: topicOf(message.agent, "ack"),
        payload: JSON.stringify(ack),
        qos: 1,
        retain: false,
        dup: false,
      },
      () => undefined,
    );
  };
  if (message.kind === "hello") {
    startedAt ??= performance.now();
    for (const { epoch } of message.epochs) answer(epoch);
    return;
  }
  const cursor = cursorOf(message.epoch);
  if (message.first === cursor.committed + 1 && message.prev === cursor.chain) {
    let { committed, chain } = cursor;
    for (const body of bodies) chain = nextChain(chain, ++committed, body);
    if (committed !== message.last) throw new Error(`a batch that ends at ${message.last} has rows up to ${committed}`);
    stands.set(message.epoch, { committed, chain });
    if (committed >= Number(expected))
      console.log(JSON.stringify({ rows: committed, ms: performance.now() - startedAt }));
  }
  answer(message.epoch);
}
