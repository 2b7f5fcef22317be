import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CALM, DeliveryModel } from "./delivery-model.js";

/** How many times as many runs as in the suite: for a night. */
const TIMES = Number(process.env.STOREWARD_MODEL_RUNS ?? 1);
const LONG_MS = 20_000 + TIMES * 60_000;

const weather = fc.record({
  loss: fc.double({ min: 0, max: 0.5, noNaN: true }),
  repeats: fc.double({ min: 0, max: 0.3, noNaN: true }),
  delayMs: fc.integer({ min: 1, max: 3_000 }),
});

const which = fc.nat(2);
const observe = {
  weight: 6,
  arbitrary: fc.record({
    do: fc.constant("observe" as const),
    which,
    count: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 20, max: 400 })),
  }),
};
const network = [
  { weight: 2, arbitrary: fc.record({ do: fc.constant("weather" as const), weather }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("crash" as const, "cut" as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("cloud up" as const, "cloud down" as const) }) },
];
const restores = [
  { weight: 1, arbitrary: fc.record({ do: fc.constant("backup" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restore" as const), which: fc.nat(5) }) },
];
const lives = [
  { weight: 1, arbitrary: fc.record({ do: fc.constant("image" as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restore image" as const), which, image: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("clone" as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("turn" as const), which }) },
];

type Event =
  | typeof observe.arbitrary
  | (typeof network)[number]["arbitrary"]
  | (typeof restores)[number]["arbitrary"]
  | (typeof lives)[number]["arbitrary"];
type Happening = Event extends fc.Arbitrary<infer T> ? T : never;
type Story = readonly { readonly after: number; readonly event: Happening }[];

function stories(
  events: readonly { weight: number; arbitrary: fc.Arbitrary<Happening> }[],
  maxLength = 25,
): fc.Arbitrary<Story> {
  const event = fc.oneof(...events);
  return fc.array(fc.record({ after: fc.integer({ min: 0, max: 5_000 }), event }), { minLength: 1, maxLength });
}
const story = stories([observe, ...network, ...restores]);
const shortStory = stories([observe, ...network, ...restores], 8);

/** A device whose card is overwritten with another's image, which has nothing in common with it but an empty journal. */
const OVERWRITTEN_BY_ANOTHER_LIFE: Story = [
  { after: 0, event: { do: "clone", which: 0 } },
  { after: 0, event: { do: "observe", which: 1, count: 20 } },
  { after: 0, event: { do: "observe", which: 0, count: 1 } },
  { after: 254, event: { do: "image", which: 0 } },
  { after: 0, event: { do: "restore image", which: 1, image: 0 } },
  { after: 0, event: { do: "observe", which: 0, count: 20 } },
];

function live(model: DeliveryModel, events: Story): void {
  model.connect();
  for (const { after, event } of events) {
    model.clock.run(after);
    happen(model, event);
    // A device that lost its connection comes back soon; of two with one name whoever did so last.
    const turn = "which" in event && event.do !== "restore" ? event.which : 0;
    model.clock.after(700, () => model.connect(turn));
  }
}

function happen(model: DeliveryModel, event: Happening): void {
  if (event.do === "observe") model.observe(event.count, event.which);
  else if (event.do === "weather") model.weather = event.weather;
  else if (event.do === "crash") model.crashAgent(event.which);
  else if (event.do === "cut") model.disconnect(event.which);
  else if (event.do === "backup") model.backup();
  else if (event.do === "restore") model.restore(event.which);
  else if (event.do === "image") model.takeImage(event.which);
  else if (event.do === "restore image") model.restoreImage(event.which, event.image);
  else if (event.do === "clone") model.cloneDevice(event.which);
  else if (event.do === "turn") model.connect(event.which);
  else model.setCloud(event.do === "cloud up");
}

/** Nothing bad happens any more: every device has its turns until everything is there. */
function calmDown(model: DeliveryModel): void {
  model.weather = CALM;
  model.setCloud(true);
  model.clock.run(1_000);
  for (let round = 0; round < 60 && !model.delivered; round++) {
    model.connect(round);
    const device = model.device(round);
    model.clock.run(3 * 60_000, () => model.isDelivered(device));
  }
  for (const device of model.devices) device.note();
}

function expectAllDelivered(model: DeliveryModel): void {
  expect(model.cloud.violations).toEqual([]);
  expect(model.delivered).toBe(true);
  expect([...model.cloud.epochs.values()].flatMap(({ lost }) => lost)).toEqual([]);
  expect(model.received().sort((a, b) => a - b)).toEqual([...model.book.keys()].sort((a, b) => a - b));
}

/**
 * Everything that was kept is with the cloud once, or is declared, unless nobody who is left has ever heard of it; whoever has carried a row has not changed
 * it.
 */
function expectAllTold(model: DeliveryModel): void {
  expect(model.cloud.violations).toEqual([]);
  expect(model.delivered).toBe(true);
  const received = model.received();
  expect(new Set(received).size).toBe(received.length);
  const missing = new Set(model.book.keys());
  for (const number of received) missing.delete(number);
  for (const number of model.unheardOf) missing.delete(number);
  expect([...missing].filter((number) => !model.isDeclared(number))).toEqual([]);
}

/** Nothing observed up to what a batch promised stands in a row after it. */
function expectPromisesKept(model: DeliveryModel): void {
  const noted = [...model.book.values()];
  for (const [name, { throughs }] of model.cloud.epochs) {
    const rows = noted.flatMap(({ boot, observed, places }) =>
      places.filter(({ epoch }) => epoch === name).map(({ seq }) => ({ boot, observed, seq })),
    );
    const broken = throughs.filter(({ boot, mono, last }) =>
      rows.some((row) => row.seq > last && row.boot === boot && row.observed <= mono),
    );
    expect(broken).toEqual([]);
  }
}

describe("the delivery of a journal", () => {
  it(
    "loses nothing and doubles nothing, whatever the network, the agent and the cloud go through",
    () => {
      fc.assert(
        fc.property(fc.integer(), story, (seed, events) => {
          const model = new DeliveryModel(seed);
          live(model, events);
          calmDown(model);
          expectAllDelivered(model);
          expectPromisesKept(model);
        }),
        { numRuns: 80 * TIMES },
      );
    },
    LONG_MS,
  );

  it(
    "does so with any credit, and with rows that the cloud cannot read",
    () => {
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
        { numRuns: 40 * TIMES },
      );
    },
    LONG_MS,
  );

  it(
    "declares what a cloud restored to before its releases can no longer be given, and is never stuck",
    () => {
      fc.assert(
        fc.property(fc.integer(), story, (seed, events) => {
          const model = new DeliveryModel(seed, { releasable: (committed) => committed });
          live(model, events);
          calmDown(model);
          expectAllTold(model);
        }),
        { numRuns: 50 * TIMES },
      );
    },
    LONG_MS,
  );

  it(
    "has every row once or declares it, when disks are restored, cards cloned, and the cloud goes back, all at once",
    () => {
      const events = stories([observe, ...network, ...restores, ...lives]);
      fc.assert(
        fc.property(fc.integer(), events, (seed, events) => {
          const model = new DeliveryModel(seed);
          live(model, events);
          calmDown(model);
          expectAllTold(model);
          expectPromisesKept(model);
        }),
        { numRuns: 120 * TIMES },
      );
    },
    LONG_MS,
  );

  it(
    "has every row once or declares it, when journals are too small besides, and forget no row that was sent",
    () => {
      const events = stories([observe, ...network, ...lives]);
      fc.assert(
        fc.property(fc.integer(), events, fc.integer({ min: 20_000, max: 200_000 }), (seed, events, maxBytes) => {
          const model = new DeliveryModel(seed, { maxBytes });
          live(model, events);
          calmDown(model);
          expectAllTold(model);
          expectPromisesKept(model);
        }),
        { numRuns: 100 * TIMES, examples: [[0, OVERWRITTEN_BY_ANOTHER_LIFE, 20_000]] },
      );
    },
    LONG_MS,
  );

  it("declares of a life that was overwritten with another's image what it has had since both were one", () => {
    const model = new DeliveryModel(1);
    model.connect();
    model.observe(50);
    model.clock.run(2_000);
    model.cloneDevice(0);
    model.observe(20, 1);
    model.clock.run(1_000);
    // The other life observes later, and is not behind with anything when its image is taken but with this.
    model.disconnect();
    model.observe(20);
    model.clock.run(1_000);
    model.takeImage(0);
    model.restoreImage(1, 0);
    model.observe(1, 0);
    model.connect(0);
    model.clock.run(5_000);
    calmDown(model);
    expectAllTold(model);
    expect(model.device(1).journal.problems()).toMatchObject([{ code: "JOURNAL_HAS_FORKED" }]);
    expect(model.unheardOf.size).toBe(20);
    expect([...model.unheardOf].filter((number) => !model.isDeclared(number))).toEqual([]);
  });

  it("says a fork on the device that forked, and delivers what both have had since", () => {
    const model = new DeliveryModel(1);
    model.connect();
    model.observe(50);
    model.clock.run(5_000);
    model.cloneDevice(0);
    for (let turn = 0; turn < 6; turn++) {
      model.observe(20, turn);
      model.clock.run(2_000);
      model.connect(turn);
      model.clock.run(8_000);
    }
    calmDown(model);
    expectAllDelivered(model);
    const codes = model.devices.map(({ journal }) => journal.problems().map(({ code }) => code));
    expect(codes).toEqual([[], ["JOURNAL_HAS_FORKED"]]);
    expect(model.gaps().filter(({ why }) => why.startsWith("the journal forked"))).toHaveLength(1);
  });

  it("has no row twice when a cloud that went back hears of a copy before the original", () => {
    const model = new DeliveryModel(1);
    const at = (which: number) => {
      model.connect(which);
      model.clock.run(8_000);
    };
    model.observe(50);
    at(0);
    model.backup();
    model.observe(50);
    at(0);
    model.cloneDevice(0);
    model.observe(5);
    at(0);
    at(1);
    expect(model.device(1).journal.problems()).toMatchObject([{ code: "JOURNAL_HAS_FORKED" }]);
    model.restore(0);
    model.disconnect(1);
    at(1);
    calmDown(model);
    expectAllDelivered(model);
    expect(model.book.size).toBe(105);
  });

  it("says how far it has looked every 15 s when there is nothing to send", () => {
    const model = new DeliveryModel(1);
    model.connect();
    model.clock.run(61_000);
    expect(model.cloud.epoch(model.device().journal.epoch).throughs.map(({ last }) => last)).toEqual([0, 0, 0, 0]);
  });

  it("sends a backlog in full batches, and what trickles in with the next answer", () => {
    const model = new DeliveryModel(1, { credit: () => 1_000_000 });
    model.observe(10_000);
    model.clock.run(2_000);
    model.connect();
    model.clock.run(200, () => model.delivered);
    expectAllDelivered(model);
    // One hello, and bodies of about 280 bytes in batches of up to 62 KiB.
    expect(model.published).toBeLessThanOrEqual(48);
  });
});
