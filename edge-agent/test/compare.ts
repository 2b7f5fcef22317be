import type { Observation } from "@storeward/contracts";
import { GENESIS_CHAIN, nextChain } from "@storeward/runtime";
import type { ModelEpoch } from "./model-cloud.js";
import type { Books } from "./whole-agent.js";

/**
 * What is wrong with the cloud's set of rows beside what the journal gave out; nothing when they are equal. Rows that the journal has let
 * go of are compared by the chain: a cloud whose rows hash to the journal's own end of the chain has exactly the journal's rows.
 */
export function differences({ rows, committed, lost }: ModelEpoch, books: Books): string[] {
  const wrong: string[] = [];
  let chain = GENESIS_CHAIN;
  for (let seq = 1; seq <= books.head; seq++) {
    const body = rows.get(seq);
    const given = books.rows.get(seq);
    if (body === undefined) wrong.push(`row ${seq} is not in the cloud`);
    else if (given !== undefined && given !== body) wrong.push(`row ${seq} is another one in the cloud`);
    chain = nextChain(chain, seq, body ?? "");
  }
  if (chain !== books.headChain) wrong.push(`the cloud's rows do not hash to the journal's end ${books.headChain}`);
  if (committed !== books.head) wrong.push(`committed is ${committed}, the journal ends at ${books.head}`);
  if (rows.size !== books.head) wrong.push(`${rows.size} rows in the cloud, ${books.head} given out`);
  for (const { from, to, why } of lost) wrong.push(`rows ${from} to ${to} were declared lost: ${why}`);
  return wrong.slice(0, 20);
}

/** What was said twice: a tag that arrived where it already was, or departed from where it was not. Bodies in order. */
export function toldTwice(bodies: Iterable<string>): string[] {
  const present = new Map<string, string>();
  const twice: string[] = [];
  for (const body of bodies) {
    const row = JSON.parse(body) as Observation;
    if (row.type !== "arrived" && row.type !== "departed") continue;
    const key = `${row.tag.epc} at ${row.readPoint}`;
    if ((present.get(key) ?? "departed") === row.type) twice.push(`${key}: ${row.type} again at ${row.at.wall}`);
    present.set(key, row.type);
  }
  return twice;
}
