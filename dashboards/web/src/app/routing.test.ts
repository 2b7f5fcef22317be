import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hrefOf, parseRoute, type Route } from "./routing.js";

const parse = (href: string) => {
  const url = new URL(href, "http://localhost");
  return parseRoute(url.pathname, url.search);
};

describe("addresses", () => {
  it("lead back to the view they are of, for any text", () => {
    const id = fc
      .string({ minLength: 1 })
      .filter((text) => text !== "." && text !== ".." && text.isWellFormed?.() !== false);
    const route: fc.Arbitrary<Route> = fc.oneof(
      fc.record({ view: fc.constant("home" as const), q: fc.string(), place: fc.option(fc.uuid(), { nil: null }) }),
      fc.record({ view: fc.constant("item" as const), id }),
      fc.record({ view: fc.constant("trouble" as const), kind: fc.constantFrom("wrong-place", "missing") }),
      fc.constant({ view: "work-list" } as const),
      fc.constant({ view: "gateways" } as const),
      fc.record({ view: fc.constant("alerts" as const), state: fc.constantFrom("open", "acknowledged", "closed") }),
      fc.record({ view: fc.constant("alert" as const), id: fc.uuid() }),
    );
    fc.assert(
      fc.property(route, (view) => {
        expect(parse(hrefOf(view))).toEqual(view);
      }),
    );
  });

  it("that are none of ours say so", () => {
    expect(parse("/nothing").view).toBe("not-found");
    expect(parse("/items/a/b").view).toBe("not-found");
    expect(parse("/work-list/").view).toBe("work-list");
    expect(parse("/items/%E0%A4%A").view).toBe("item");
  });
});
