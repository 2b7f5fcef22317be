import { BUCKET_MS } from "@storeward/contracts";
import fc from "fast-check";
import { expect, it } from "vitest";
import { bucketsApart, type Span } from "./dirty.js";

const LATEST = 40;

it("minutes of spans that overlap, touch or lie apart are each told once, and no others", () => {
  const ms = fc.nat(LATEST * BUCKET_MS);
  const spans = fc.array(
    fc.record({ from: ms, to: fc.option(ms) }).map(
      ({ from, to }): Span => ({
        from: new Date(to === null ? from : Math.min(from, to)),
        to: to === null ? null : new Date(Math.max(from, to)),
      }),
    ),
  );
  const minutes = Array.from({ length: LATEST + 1 }, (_, minute) => minute);
  fc.assert(
    fc.property(spans, (some) => {
      const apart = bucketsApart(some);
      const told = minutes.flatMap((minute) =>
        apart.filter(({ from, to }) => from <= minute * BUCKET_MS && minute * BUCKET_MS <= to).map(() => minute),
      );
      const touched = minutes.filter((minute) =>
        some.some(
          ({ from, to }) =>
            from.getTime() < (minute + 1) * BUCKET_MS && (to === null || minute * BUCKET_MS <= to.getTime()),
        ),
      );
      expect(told).toEqual(touched);
    }),
  );
});
