import type { AlertReceiver, AlertRule, AlertWindow } from "@storeward/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "./codes.js";
import { receiverDraftOf, receiverOf, windowDraftOf, windowOf } from "./people-draft.js";
import { NEW_RULE, ruleDraftOf, ruleOf, WATCHES } from "./rule-draft.js";
import { instantOf, localOf } from "./zoned.js";

const NONE = new Set<string>();
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const code = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
const codes = fc.uniqueArray(code, { minLength: 1, maxLength: 3 });
/** Without what is undefined, as JSON has it. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe("what is set for alerts goes into its form and comes out the same", () => {
  const when = fc.oneof(
    fc.constantFrom(...WATCHES.filter((watch) => watch !== "measurement")).map((watch) => {
      const [on, what] = watch.split(":");
      return on === "items" ? { on, are: what } : { on, is: what };
    }),
    fc
      .record({
        on: fc.constant("measurement"),
        measurement: fc.constant("dwell"),
        field: fc.constant("seconds"),
        per: optional(fc.constant("count")),
        by: optional(fc.subarray(["place", "kind"])),
        minutes: optional(fc.integer({ min: 2, max: 60 })),
        limit: fc.tuple(
          fc.constantFrom("above", "below"),
          fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
        ),
      })
      .map(({ limit: [side, limit], ...rest }) => ({ ...rest, [side]: limit === 0 ? 0 : limit })),
  );
  const rule = fc.record({
    id: code,
    title: fc.constant("Pump has left"),
    enabled: optional(fc.constant(false)),
    severity: fc.constantFrom("critical", "warning", "info"),
    when,
    lasts: fc.integer({ min: 0, max: 7_776_000 }),
    tell: optional(codes),
    escalate: optional(
      fc.array(fc.record({ after: fc.integer({ min: 10, max: 2_592_000 }), tell: codes }), { minLength: 1 }),
    ),
    advice: optional(fc.constant("Bring it back.")),
  });

  it("a rule, of every kind", () => {
    fc.assert(
      fc.property(rule.map(plain), (one) => {
        expect(ruleOf(ruleDraftOf(one as AlertRule), NONE)).toEqual(one);
      }),
    );
    const placed = { ...NEW_RULE, title: "x", watch: "items:in", place: "ward-3", kind: "Pump" } as const;
    expect(ruleOf(placed, NONE)).toMatchObject({ place: "ward-3", kind: "Pump", when: { on: "items", are: "in" } });
    expect(ruleOf({ ...placed, watch: "service:parked" }, NONE)).not.toHaveProperty("place");
  });

  it("a receiver, and a window in the time zone of the site", () => {
    const by = fc.oneof(
      fc.record({
        kind: fc.constant("email"),
        to: fc.uniqueArray(
          code.map((name) => `${name}@st-mary.example`),
          { minLength: 1 },
        ),
      }),
      fc.record({
        kind: fc.constant("webhook"),
        url: fc.constant("https://hooks.example/x"),
        insecure: optional(fc.constant(true)),
      }),
    );
    const about = { id: code, enabled: optional(fc.constant(false)), places: optional(codes) };
    const receiver = fc.record({ ...about, name: fc.constant("Desk"), roles: optional(codes), by });
    fc.assert(
      fc.property(receiver.map(plain), (one) => {
        expect(receiverOf(receiverDraftOf(one as AlertReceiver), NONE)).toEqual(one);
      }),
    );
    const minute = fc.integer({ min: 29_000_000, max: 31_000_000 }).map((n) => new Date(n * 60_000).toISOString());
    const window = fc.record({
      ...about,
      title: fc.constant("Night"),
      kind: fc.constantFrom("quiet", "maintenance"),
      rules: optional(codes),
      when: fc.oneof(
        fc.record({
          days: fc.subarray(["mon", "wed", "sun"], { minLength: 1 }),
          from: fc.constant("22:00"),
          to: fc.constant("06:30"),
        }),
        fc.record({ begins: minute, ends: minute }),
      ),
    });
    fc.assert(
      fc.property(window.map(plain), (one) => {
        expect(windowOf(windowDraftOf(one as AlertWindow, "Asia/Kolkata"), NONE, "Asia/Kolkata")).toEqual(one);
      }),
    );
  });
});

it("a moment is of the site's clock, on both sides of a change of it", () => {
  expect(instantOf("2026-03-29T01:30", "Europe/Berlin")).toBe("2026-03-29T00:30:00.000Z");
  expect(instantOf("2026-03-29T03:30", "Europe/Berlin")).toBe("2026-03-29T01:30:00.000Z");
  expect(instantOf("2026-07-01T12:00", "America/New_York")).toBe("2026-07-01T16:00:00.000Z");
  expect(localOf("2026-10-25T00:30:00.000Z", "Europe/Berlin")).toBe("2026-10-25T02:30");
});

it("a title has a code that is one, and none that another has", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 60 }), { maxLength: 8 }), (titles) => {
      const taken = new Set<string>();
      for (const title of [...titles, ...titles]) {
        const made = codeOf(title, taken);
        expect(made).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);
        expect(taken.has(made)).toBe(false);
        taken.add(made);
      }
    }),
  );
  expect(codeOf("Pümp: left ward 3!", NONE)).toBe("pump-left-ward-3");
});
