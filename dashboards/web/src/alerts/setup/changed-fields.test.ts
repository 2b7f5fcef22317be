import fc from "fast-check";
import { expect, it } from "vitest";
import { changedFields } from "./changed-fields.js";

const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 2 }));
const name = fc.stringMatching(/^[a-z]{1,6}$/);
const document = fc.dictionary(name, fc.oneof(leaf, fc.dictionary(name, leaf, { maxKeys: 3 })), { maxKeys: 5 });

it("of two documents those fields are named that are otherwise, and nothing of those that are the same", () => {
  fc.assert(
    fc.property(document, document, name, leaf, (one, more, field, value) => {
      expect(changedFields(one, structuredClone(one))).toEqual([]);
      const before = { ...one, when: { ...more, [field]: value } };
      expect(changedFields(before, { ...before, when: { ...more, [field]: ["another", value] } })).toEqual([
        `when.${field}`,
      ]);
      const { when: _, ...without } = before;
      expect(changedFields(before, without)).toEqual(["when"]);
      expect(changedFields(without, before)).toEqual(["when"]);
    }),
  );
});
