import { expect, it } from "vitest";
import { groupByKind } from "./group.js";

it("things are told by kind, the most first, in the order of their numbers", () => {
  const items = ["Pump 10", "Chair 1", "Pump 2"].map((name) => ({ id: name, name, kind: name.split(" ")[0]! }));
  expect(groupByKind(items).map(({ kind, items: of }) => [kind, of.map(({ name }) => name)])).toEqual([
    ["Pump", ["Pump 2", "Pump 10"]],
    ["Chair", ["Chair 1"]],
  ]);
});
