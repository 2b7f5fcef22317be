import { BenchAgent } from "./bench-agent.js";

/*
 * The load, in a process of its own: agents with journals. Is told by messages what to do, `{do: name, …}`, one at a time, and answers each.
 */

/** How often it is looked who has no answer. */
const RESEND_EVERY_MS = 250;

const agents = [];
let link;

const deeds = {
  /** Agents with numbers from `from` to `to` (not in it), connected: `rows` each, observed evenly from `startMs` to `endMs`. */
  async join({ from, to, rows, startMs, endMs, port, password, ledger }) {
    link = { port, password, ledger };
    const fresh = [];
    for (let number = from; number < to; number++) {
      const agent = new BenchAgent(number, startMs - 1_000);
      agent.prepare(Array.from({ length: rows }, (_, n) => Math.round(startMs + ((endMs - startMs) * n) / rows)));
      fresh.push(agent);
    }
    // The broker takes so many sign-ins at a time.
    for (let at = 0; at < fresh.length; at += 50)
      await Promise.all(fresh.slice(at, at + 50).map((agent) => agent.connect(link)));
    agents.push(...fresh);
    return { agents: agents.length, bytes: agents.reduce((sum, { bytes }) => sum + bytes, 0) };
  },

  /** Sends everything there is; milliseconds to the last ack. */
  async drain() {
    const start = performance.now();
    await finish(() => {
      for (const agent of agents) agent.pump();
    });
    return { ms: performance.now() - start, resends: resends() };
  },

  /** Observes `rate` rows a second for so long, each agent in bursts of `burst`; latencies from observed to acknowledged, ms. */
  async live({ rate, burst, seconds, from = 0, to = agents.length }) {
    const some = agents.slice(from, to);
    const before = resends();
    const latencies = [];
    for (const agent of some)
      agent.onCommitted = ({ first, last, observedAt }) => {
        const ms = Date.now() - observedAt;
        for (let row = first; row <= last; row++) latencies.push(ms);
      };
    const resending = setInterval(() => {
      for (const agent of some) agent.tick();
    }, RESEND_EVERY_MS);
    const begun = performance.now();
    let sent = 0;
    await new Promise((resolve) => {
      const timer = setInterval(() => {
        const elapsed = Math.min(seconds * 1_000, performance.now() - begun);
        for (const due = (elapsed / 1_000) * rate; sent + burst <= due; sent += burst)
          some[(sent / burst) % some.length].observe(burst);
        if (elapsed < seconds * 1_000) return;
        clearInterval(timer);
        resolve(undefined);
      }, 5);
    });
    await finish(() => undefined, some);
    clearInterval(resending);
    return { rows: sent, ...quantiles(latencies), resends: resends() - before };
  },

  /** The service is about to be killed, and every connection with it. */
  async expectLoss() {
    for (const agent of agents) agent.expectLoss();
  },

  /** One of them connects again, to a service that was started anew, and observes so many rows: resolves with its ack. */
  async again({ agent, rows }) {
    const one = agents[agent];
    await one.connect(link);
    one.observe(rows);
    await finish(() => undefined, [one]);
  },
};

process.on("message", ({ id, ...order }) => {
  deeds[order.do](order).then(
    (answer) => process.send({ id, answer }),
    (error) => process.send({ id, error: error.stack }),
  );
});

const resends = () => agents.reduce((sum, agent) => sum + agent.resends, 0);

/** Resolves when nothing of these agents waits for an ack. */
function finish(begin, some = agents) {
  return new Promise((resolve) => {
    begin();
    const timer = setInterval(() => {
      for (const agent of some) agent.tick();
      if (some.some(({ waiting }) => waiting > 0)) return;
      clearInterval(timer);
      resolve(undefined);
    }, 5);
  });
}

function quantiles(latencies) {
  latencies.sort((a, b) => a - b);
  const at = (part) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))];
  return { p50: at(0.5), p99: at(0.99), max: latencies.at(-1) };
}
