import { OBSERVATION_SCHEMAS, SOURCE_SCHEMAS } from "@storeward/contracts";
import { describe, expect, it } from "vitest";
import { understand } from "./understand.js";

describe("what is observed", () => {
  it.each([
    ["an agent", "edge-1", OBSERVATION_SCHEMAS],
    ["a source", `source-${"5".repeat(32)}`, SOURCE_SCHEMAS],
  ])(
    "has a sound schema for each kind that %s tells of: one that lacks everything is refused, and nothing is thrown",
    (_, from, schemas) => {
      for (const type of Object.keys(schemas)) {
        const understood = understand(from, Buffer.from(JSON.stringify({ type })));
        expect(understood).toMatchObject({ ok: false, error: expect.stringContaining("must have required property") });
      }
    },
  );
});
