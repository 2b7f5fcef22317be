import type { Observation } from "@storeward/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CALM, DeliveryModel } from "./delivery-model.js";

const weather = fc.record({
  loss: fc.double({ min: 0, max: 0.5, noNaN: true }),
  repeats: fc.double({ min: 0, max: 0.3, noNaN: true }),
  delayMs: fc.integer({ min: 1, max: 3_000 }),
});

const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("observe" as const),
      count: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 20, max: 400 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("weather" as const), weather }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("crash" as const, "cut" as const, "backup" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restore" as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("cloud up" as const, "cloud down" as const) }) },
);
const steps = fc.record({ after: fc.integer({ min: 0, max: 5_000 }), event });
const story = fc.array(steps, { minLength: 1, maxLength: 25 });
const shortStory = fc.array(steps, { minLength: 1, maxLength: 8 });

type Story = typeof story extends fc.Arbitrary<infer S> ? S : never;

function live(model: DeliveryModel, events: Story): void {
  model.connect();
  for (const { after, event } of events) {
    model.clock.run(after);
    if (event.do === "observe") model.observe(event.count);
    else if (event.do === "weather") model.weather = event.weather;
    else if (event.do === "crash") model.crashAgent();
    else if (event.do === "cut") model.disconnect();
    else if (event.do === "backup") model.backup();
    else if (event.do === "restore") model.restore(event.which);
    else model.setCloud(event.do === "cloud up");
    // A device that lost its connection comes back soon.
    model.clock.after(700, () => model.connect());
  }
}

/** Nothing bad happens any more: how long until everything is there. */
function calmDown(model: DeliveryModel): void {
  model.weather = CALM;
  model.setCloud(true);
  model.clock.after(1_000, () => model.connect());
  model.clock.run(10 * 60_000, () => model.delivered);
}

function expectAllDelivered(model: DeliveryModel): void {
  const { rows, lost, committed } = model.cloud.epoch(model.disk.epoch);
  expect(model.cloud.violations).toEqual([]);
  expect(committed).toBe(model.journaled.size);
  expect(lost).toEqual([]);
  expect([...rows].sort(([a], [b]) => a - b)).toEqual([...model.journaled].sort(([a], [b]) => a - b));
}

/** Nothing observed up to what a batch promised stands in a row after it. */
function expectPromisesKept(model: DeliveryModel): void {
  const facts = [...model.journaled].map(([seq, body]) => ({
    seq,
    ...(JSON.parse(body) as Observation & { to: number }),
  }));
  const broken = model.cloud.epoch(model.disk.epoch).throughs.filter(({ boot, mono, last }) => {
    const later = facts.filter(({ seq, at }) => seq > last && at.boot === boot);
    return later.some(({ to }) => to <= mono);
  });
  expect(broken).toEqual([]);
}

describe("the delivery of a journal", () => {
  it("loses nothing and doubles nothing, whatever the network, the agent and the cloud go through", () => {
    fc.assert(
      fc.property(fc.integer(), story, (seed, events) => {
        const model = new DeliveryModel(seed);
        live(model, events);
        calmDown(model);
        expectAllDelivered(model);
        expectPromisesKept(model);
      }),
      { numRuns: 100 },
    );
  });

  it("does so with any credit, and with rows that the cloud cannot read", () => {
    const credits = fc.array(fc.integer({ min: 0, max: 300_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.integer(),
        shortStory,
        credits,
        fc.integer({ min: 20, max: 90 }),
        (seed, events, credit, every) => {
          let turn = 0;
          let busy = true;
          const model = new DeliveryModel(seed, {
            credit: () => (busy ? (credit[turn++ % credit.length] ?? 0) : 1 + (turn++ % 3_000)),
            unreadable: (seq) => seq % every === 0,
          });
          live(model, events);
          busy = false;
          calmDown(model);
          expectAllDelivered(model);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("declares what a cloud restored to before its releases can no longer be given, and is never stuck", () => {
    fc.assert(
      fc.property(fc.integer(), story, (seed, events) => {
        const model = new DeliveryModel(seed, { releasable: (committed) => committed });
        live(model, events);
        calmDown(model);
        const { rows, lost, committed } = model.cloud.epoch(model.disk.epoch);
        expect(model.cloud.violations).toEqual([]);
        expect(committed).toBe(model.journaled.size);
        const isLost = (seq: number) => lost.some(({ from, to }) => from <= seq && seq <= to);
        for (const [seq, body] of model.journaled) expect(rows.get(seq)).toBe(isLost(seq) ? undefined : body);
      }),
      { numRuns: 50 },
    );
  });

  it("says how far it has looked every 15 s when there is nothing to send", () => {
    const model = new DeliveryModel(1);
    model.connect();
    model.clock.run(61_000);
    expect(model.cloud.epoch(model.disk.epoch).throughs.map(({ last }) => last)).toEqual([0, 0, 0, 0]);
  });

  it("sends a backlog in full batches, and what trickles in with the next answer", () => {
    const model = new DeliveryModel(1, { credit: () => 1_000_000 });
    model.observe(10_000);
    model.clock.run(2_000);
    model.connect();
    model.clock.run(200, () => model.delivered);
    expectAllDelivered(model);
    // One hello, and bodies of about 250 bytes in batches of 256.
    expect(model.published).toBeLessThanOrEqual(42);
  });
});
